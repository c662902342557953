"""Visual words in the row cache: a codebook for each training set, and the rows that it gives."""

import hashlib
import numbers

import numpy as np

from sicf.features._cache_key import recipe, row_keys
from sicf.features._encodings import DESCRIPTOR_SIZE
from sicf.features._row_source import RowSource
from sicf.features._visual_words import warn_of_empty

SHAPE_OF_WORDS = ("n_words", "encoding", "root_sift", "codebook", "n_sequences")
CODEBOOK_DEPENDS_ON = (*SHAPE_OF_WORDS, "max_descriptors", "random_state")
ROW_DEPENDS_ON = (*SHAPE_OF_WORDS, "fuse_sequences")
NO_CODEBOOK = np.zeros((0, 0, DESCRIPTOR_SIZE), np.float32)


def gives_the_same_again(words):
    """Whether a second fit to the same descriptors would learn the same codebook."""
    return isinstance(words.random_state, numbers.Integral)


def fit_words(words, descriptors):
    """Fit to descriptors that are on disk, by a codebook learnt before where there is one.

    Parameters
    ----------
    words : VisualWords
        With a number for its `random_state`, and with `n_sequences`.
    descriptors : StoredRows
        Not even read, where the codebook of these images, in this order, is in their store.

    Returns
    -------
    VisualWords
        The same object, fitted.
    """
    training_set = hashlib.sha256(b"".join(descriptors.keys)).digest()
    (key,) = row_keys(recipe(_parameters(words, CODEBOOK_DEPENDS_ON)), [training_set])
    with descriptors.store.opened() as rows:
        found = dict(rows.read({key}))
    if found:
        return words._take_codebooks(found[key])
    descriptors.fill()
    words.fit(descriptors)
    # No codebook, where the encoding needs none, is worth keeping too: it spares reading them all.
    codebooks = np.stack(words.codebooks_) if words.codebooks_ else NO_CODEBOOK
    with descriptors.store.opened() as rows:
        rows.write([(key, codebooks)])
    return words


def encode(words, descriptors):
    """Encode descriptors that are on disk; the rows are kept in the same store.

    Parameters
    ----------
    words : VisualWords
        Fitted.
    descriptors : StoredRows
        Read only for the images that this codebook has not encoded before.

    Returns
    -------
    ndarray of float32 of shape (n, n_features)
    """
    depends = _parameters(words, ROW_DEPENDS_ON) | {"codebooks": words.codebooks_}
    keys = row_keys(recipe(depends), descriptors.keys)

    def compute(batches):
        for positions in batches:
            rows, described = words._encode_all(descriptors[positions])
            # Kept in a last column: not every row of zeros is an image without keypoints.
            yield np.column_stack([rows, described.astype(rows.dtype)])

    table = RowSource(keys, compute, descriptors.store).assemble()
    warn_of_empty(table[:, -1] > 0)
    return np.ascontiguousarray(table[:, :-1])


def _parameters(words, names):
    return {name: getattr(words, name) for name in names}
