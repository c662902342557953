"""Numbers that are put into bins: as many tables as columns, and a number to divide by."""

from sicf.persistence._persistence_error import PersistenceError


def check_bins(mapper):
    """Check the tables of what sorts columns into bins for histogram gradient boosting.

    Parameters
    ----------
    mapper : _BinMapper
    """
    n_columns = mapper.n_bins_non_missing_.shape
    if mapper.is_categorical_.shape != n_columns or (len(mapper.bin_thresholds_),) != n_columns:
        raise PersistenceError(f"Bins must be given for {n_columns[0]} columns each time.")


def check_hashes(hasher):
    """Check what hashes are divided by.

    Parameters
    ----------
    hasher : FeatureHasher or HashingVectorizer
    """
    if hasher.n_features < 1:
        raise PersistenceError(f"Hashes must go to 1 column at least. Got {hasher.n_features}.")
