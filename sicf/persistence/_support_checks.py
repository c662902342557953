"""Support vector machines: arrays that agree, since libsvm takes them as they are."""

from sklearn.base import is_classifier

from sicf.persistence._persistence_error import PersistenceError


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
        # With a kernel that is given as numbers there are none.
        "support_vectors_": [(n_vectors, machine.n_features_in_), (0, 0)],
    }
    wrong = [
        name for name, allowed in shapes.items() if getattr(machine, name).shape not in allowed
    ]
    if (
        wrong
        or (is_classifier(machine) and (counts < 0).any())
        # Of a regression or of one class they are not used, and not set.
        or (is_classifier(machine) and counts.sum() != n_vectors)
        or (n_vectors and not 0 <= rows.min() <= rows.max() < machine.shape_fit_[0])
    ):
        raise PersistenceError(
            "The arrays of a support vector machine must agree. They do not: "
            f"{', '.join(wrong) or 'the counts of its vectors'}."
        )
