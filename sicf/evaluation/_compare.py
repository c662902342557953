"""One estimator against others, on the same patients."""

import numpy as np

from sicf.evaluation.statistics import METRICS, delong, holm, mcnemar_midp, paired_bootstrap

COLUMNS = ("a", "b", "metric", "test", "difference", "low", "high", "p", "p_holm")


def compare(evaluation, a, rivals):
    """Differences of an estimator from its rivals.

    Parameters
    ----------
    evaluation : Evaluation
    a : str
    rivals : list of str

    Returns
    -------
    list of dict
        One for each rival, metric and test, with the keys of `COLUMNS`.
    """
    rows = [row for b in rivals for row in _against(evaluation, a, b)]
    for row in rows:
        alike = [r for r in rows if (r["metric"], r["test"]) == (row["metric"], row["test"])]
        adjusted = holm([r["p"] for r in alike])
        row["p_holm"] = float(adjusted[[r is row for r in alike].index(True)])
    return rows


def _against(evaluation, a, b):
    yield from _bootstrapped(evaluation, a, b)
    # The tests below take rows for independent, and one answer for each.
    if evaluation.rows_are_independent and len(evaluation.fold) == 1:
        tested = evaluation.fold[0] >= 0
        yield from _delong(evaluation, a, b, tested)
        yield _mcnemar(evaluation, a, b, tested)


def _bootstrapped(evaluation, a, b):
    resampling = evaluation.resampling
    one, other = resampling.metrics(a), resampling.metrics(b)
    for metric in METRICS:
        difference = {kind: one[metric][kind] - other[metric][kind] for kind in one[metric]}
        found = resampling.interval(difference)
        p = paired_bootstrap(difference["many"], found.value)
        yield _row(a, b, metric, "paired bootstrap", found.value, p, found.low, found.high)


def _delong(evaluation, a, b, tested):
    """Of the positive class, or of each class against the rest."""
    classes = evaluation.classes.tolist()
    one_class = evaluation.positive is not None
    for k in [evaluation.positive] if one_class else range(len(classes)):
        truth = evaluation.target[tested] == k
        if min(truth.sum(), (~truth).sum()) < 2:  # their variance cannot be known
            continue
        scores = [evaluation.scores[name][0, tested, k] for name in (a, b)]
        found = delong(truth, *scores)
        difference = float(found.areas[0] - found.areas[1])
        metric = "AUC" if one_class else f"AUC of {classes[k]}"
        yield _row(a, b, metric, "DeLong", difference, found.p)


def _mcnemar(evaluation, a, b, tested):
    target = evaluation.target[tested]
    right = [evaluation.predicted[name][0, tested] == target for name in (a, b)]
    difference = float(right[0].mean() - right[1].mean())
    return _row(a, b, "accuracy", "McNemar mid-p", difference, mcnemar_midp(*right))


def _row(a, b, metric, test, difference, p, low=np.nan, high=np.nan):
    values = a, b, metric, test, difference, low, high, float(p), np.nan
    return dict(zip(COLUMNS, values, strict=True))
