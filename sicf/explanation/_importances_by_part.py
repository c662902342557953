"""Importances of a forest by family of columns and by sequence."""

import numpy as np

from sicf.explanation._cohort import n_channels_of_fit
from sicf.explanation._column_blocks import lay_out
from sicf.explanation._fitted_chain import take_apart, uncached


def importances_by_part(pipeline):
    """Sum the forest's importances over the columns of each part, and of each sequence.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted, from images to a forest, as :func:`make_sicf_lorf` makes it.

    Returns
    -------
    DataFrame
        One row a part or, where ``fuse_sequences="concat"``, a part's sequence: `part`,
        `sequence` ("" where sequences share columns), `columns` (before selection), `selected`,
        and `importance`, which sums to 1 (to 0 where no tree has split). A part of which no column
        was selected has 0.

    Raises
    ------
    NotFittedError
        The pipeline is not fitted.
    TypeError
        It does not end in a forest, or a part does not name its columns.

    See Also
    --------
    explain : For one image.

    Notes
    -----
    The mean decrease in impurity, as scikit-learn has it: learnt on the training rows, and higher
    for columns of many different values. Parts differ in how many columns they have, so look at
    `importance` beside ``selected / selected.sum()``.

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from sicf import SIFTBoVW, importances_by_part, make_spine_phantoms
    >>> data = make_spine_phantoms(6, n_slices=1, sequences=("T1", "T2"), random_state=0)
    >>> pipeline = make_pipeline(
    ...     SIFTBoVW(16, fuse_sequences="concat", sequence_names=("T1", "T2"), random_state=0),
    ...     RandomForestClassifier(10, random_state=0),
    ... ).fit(data.images, data.target)
    >>> importances_by_part(pipeline)[["part", "sequence", "columns"]].values.tolist()
    [['siftbovw', 'T1', 16], ['siftbovw', 'T2', 16]]
    """
    import pandas as pd

    chain = take_apart(pipeline)
    widths = [_width(part) for part in chain.parts]
    n_sequences = (n_channels_of_fit(chain) or 1) - (chain.mask is not None)
    importance = np.zeros(sum(widths))
    kept = chain.kept_columns(importance.size)
    importance[kept] = chain.forest.feature_importances_
    selected = np.isin(np.arange(importance.size), kept)
    rows = [
        {
            "part": block.part,
            "sequence": block.sequence or "",
            "columns": block.stop - block.start,
            "selected": int(selected[block.start : block.stop].sum()),
            "importance": importance[block.start : block.stop].sum(),
        }
        for block in lay_out(chain.parts, widths, n_sequences)
    ]
    return pd.DataFrame(rows)


def _width(part):
    last = uncached(part.extractors[-1])
    try:
        return len(last.get_feature_names_out())
    except (AttributeError, TypeError, ValueError) as exc:
        raise TypeError(
            f"A part must name its columns, so that they can be counted. {part.name!r} ends in "
            f"{type(last).__name__}, which does not."
        ) from exc
