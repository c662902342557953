"""What a user may want to catch, or to silence."""


class PersistenceError(ValueError):
    """An estimator cannot be saved, or a file is refused."""


class PersistenceWarning(UserWarning):
    """An estimator was loaded under other versions than it was saved under."""
