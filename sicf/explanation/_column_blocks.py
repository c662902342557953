"""Which columns of the union belong to which part, and to which sequence."""

from typing import NamedTuple

from sicf.features._sequence_fusion import check_sequence_names


class Block(NamedTuple):
    """Neighbouring columns of one part and, where sequences are concatenated, of one sequence.

    Parameters
    ----------
    part : str
    sequence : str or None
        None where the sequences of the part are fused into the same columns.
    start, stop : int
        Positions in the union.
    """

    part: str
    sequence: str | None
    start: int
    stop: int

    @property
    def name(self):
        """The part, with its sequence where it has one."""
        return self.part if self.sequence is None else f"{self.part}: {self.sequence}"


def lay_out(parts, widths, n_sequences):
    """Lay the columns of the parts side by side.

    Parameters
    ----------
    parts : list of Part
    widths : list of int
        Columns of each part.
    n_sequences : int
        Of an image, the mask left out.

    Returns
    -------
    list of Block
        In the order of the columns.
    """
    blocks, start = [], 0
    for part, width in zip(parts, widths, strict=True):
        for sequence, columns in _of_part(part, width, n_sequences):
            blocks.append(Block(part.name, sequence, start, start + columns))
            start += columns
    return blocks


def _of_part(part, width, n_sequences):
    concatenated = part.setting("fuse_sequences") == "concat" and n_sequences > 1
    if not concatenated or width % n_sequences:
        return [(None, width)]
    names = check_sequence_names(part.setting("sequence_names"), n_sequences)
    return [(name, width // n_sequences) for name in names]
