"""Images on their way through a fitted pipeline, up to the forest."""

import warnings
from dataclasses import dataclass

import numpy as np

from sicf._batch import ImageBatch, check_images
from sicf.explanation._column_blocks import lay_out
from sicf.explanation._fitted_chain import FittedChain, uncached
from sicf.explanation._seen import Seen, seen_whole
from sicf.features._sequence_fusion import check_sequence_names


@dataclass(frozen=True)
class Cohort:
    """Images on their way through a fitted pipeline, up to the forest.

    Parameters
    ----------
    chain : FittedChain
    originals : ImageBatch
        As they came, or as the pipeline's first step read them.
    seen : Seen
        After the image steps that all parts share.
    views : list of Seen
        What each part sees.
    widths : list of int
        Columns of each part.
    rows : ndarray of shape (n, width of the union)
    keypoints : list
        For each part what SIFT found in each image, or None.
    sequence_names : list of str
    """

    chain: FittedChain
    originals: ImageBatch
    seen: Seen
    views: list
    widths: list
    rows: np.ndarray
    keypoints: list
    sequence_names: list

    def __len__(self):
        return len(self.originals)

    def shape(self, index):
        """Rows and columns of an original picture."""
        return self.originals[index].shape[:2]

    def blocks(self):
        """Which columns belong to which part and sequence."""
        return lay_out(self.chain.parts, self.widths, len(self.sequence_names))

    def kept(self):
        """Columns that reach the forest."""
        return self.chain.kept_columns(self.rows.shape[1])


def send_through(chain, X):
    """Send images, or what the pipeline reads, through all steps before the forest.

    Parameters
    ----------
    chain : FittedChain
    X : array-like of shape (n, H, W) or (n, H, W, M), or list of images
        Or what the first step reads.

    Returns
    -------
    Cohort
    """
    images = X if chain.reader is None else chain.reader.transform(X)
    n_channels = n_channels_of_fit(chain)
    check_images(images, n_channels=n_channels, fill_nan=0)
    whole = seen_whole(images)
    seen = whole.after(chain.image_steps)
    views = [seen.after(part.image_steps) for part in chain.parts]
    found = [part.rows(view.images) for part, view in zip(chain.parts, views, strict=True)]
    rows, keypoints = zip(*found, strict=True)
    originals = check_images(images, mask=chain.mask, fill_nan=0)
    return Cohort(
        chain,
        originals,
        seen,
        views,
        [columns.shape[1] for columns in rows],
        np.hstack(rows),
        list(keypoints),
        _sequence_names(chain, len(originals.sequence_channels)),
    )


def say_what_was_dropped(blocks, kept):
    """Note where the selector kept no column of a sequence or of a part; warn of the latter.

    Parameters
    ----------
    blocks : list of Block
    kept : ndarray of int

    Returns
    -------
    list of str
    """
    counts = [np.count_nonzero((kept >= b.start) & (kept < b.stop)) for b in blocks]
    notes = []
    for block, count in zip(blocks, counts, strict=True):
        if count:
            continue
        notes.append(
            f"The selector kept none of the {block.stop - block.start} columns of {block.name}: "
            "it contributes 0."
        )
        if not sum(n for b, n in zip(blocks, counts, strict=True) if b.part == block.part):
            warnings.warn(notes[-1], stacklevel=4)
    return notes


def n_channels_of_fit(chain):
    """Channels that `fit` saw, the mask included, or None where no step remembers."""
    steps = [*chain.image_steps, *(s for p in chain.parts for s in [*p.image_steps, *p.extractors])]
    found = [getattr(uncached(step), "n_channels_in_", None) for step in steps]
    return next((n for n in found if n is not None), None)


def _sequence_names(chain, n_sequences):
    """The user's names, or numbers."""
    given = [part.setting("sequence_names") for part in chain.parts]
    return check_sequence_names(next((g for g in given if g is not None), None), n_sequences)
