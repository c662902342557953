"""Support vector machines: arrays that agree, since libsvm takes them as they are."""

from sklearn.svm import SVC, NuSVC

from sicf.persistence._persistence_error import PersistenceError
from sicf.persistence._width import width_of


def check_support(machine):
    """Check the arrays of a fitted machine.

    Parameters
    ----------
    machine : SVC, SVR or their kind
    """
    counts, rows = machine._n_support, machine.support_
    n_classes, n_vectors = len(counts), len(rows)
    n_pairs = n_classes * (n_classes - 1) // 2
    shapes = {
        "_dual_coef_": [(n_classes - 1, n_vectors)],
        "_intercept_": [(n_pairs,)],
        "_probA": [(0,), (n_pairs,)],
        "_probB": [machine._probA.shape],
        "support_vectors_": [_shape_of_vectors(machine)],
    }
    wrong = [
        name for name, allowed in shapes.items() if getattr(machine, name).shape not in allowed
    ]
    classifies = isinstance(machine, SVC | NuSVC)
    if (
        wrong
        # A regression has the form of two classes, and counts that are not used and not set.
        or (n_classes < 2 if classifies else n_classes != 2)
        or (classifies and ((counts < 0).any() or counts.sum() != n_vectors))
        # Which kind of machine it is stands in its class; an attribute would go before it.
        or "_impl" in vars(machine)
        or (n_vectors and not 0 <= rows.min() <= rows.max() < machine.shape_fit_[0])
    ):
        raise PersistenceError(
            "The arrays of a support vector machine must agree. They do not: "
            f"{', '.join(wrong) or 'the counts of its vectors'}."
        )


def _shape_of_vectors(machine):
    """With a kernel that is given as numbers there are none; libsvm reads them by any other."""
    if callable(machine.kernel) or machine.kernel == "precomputed":
        return (0, 0)
    return (len(machine.support_), width_of(machine))
