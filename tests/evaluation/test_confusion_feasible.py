import itertools

import numpy as np
import pytest

from sicf.evaluation import confusion_feasible, published_tables

HEADLINE = {"sensitivity": 98.52, "specificity": 84.59, "accuracy": 92.71, "f1": 97.07}
FITS = {"sensitivity": 94.05, "specificity": 79.90, "accuracy": 89.42, "f1": 92.30}


def all_matrices(n):
    """Every matrix of n cases with both classes, and its four figures, in plain Python floats."""
    for positives in range(1, n):
        for tp, tn in itertools.product(range(positives + 1), range(n - positives + 1)):
            fn, fp = positives - tp, n - positives - tn
            yield (
                (tp, fn, fp, tn),
                (
                    100 * tp / positives,
                    100 * tn / (n - positives),
                    100 * (tp + tn) / n,
                    200 * tp / (2 * tp + fn + fp),
                ),
            )


def by_brute_force(figures, n):
    """The smallest of the largest distances over all matrices."""
    return min(
        max(abs(a - b) for a, b in zip(found, figures, strict=False))
        for _, found in all_matrices(n)
    )


@pytest.mark.parametrize("n", [2, 3, 7, 12])
@pytest.mark.parametrize("decimals", [0, 1])
def test_counts_are_those_of_all_matrices(n, decimals):
    rng = np.random.default_rng(n)
    for _ in range(12):
        figures = rng.uniform(40, 100, 4).round(decimals)
        names = ("sensitivity", "specificity", "accuracy", "f1")
        audit = confusion_feasible(
            **dict(zip(names, map(float, figures), strict=True)), n=n, decimals=decimals
        )
        expected = by_brute_force(figures, n)
        assert audit.miss == pytest.approx(expected, abs=1e-9)
        assert audit.feasible == (expected <= 0.5 * 10.0**-decimals + 1e-9)
        assert sum(audit.counts.values()) == n


def test_every_real_matrix_is_found_feasible():
    rng = np.random.default_rng(0)
    matrices = list(all_matrices(23))
    for chosen in rng.choice(len(matrices), 15, replace=False):
        (tp, fn, *_), figures = matrices[chosen]
        sensitivity, specificity, accuracy, f1 = (round(figure, 2) for figure in figures)
        given = {"sensitivity": sensitivity, "specificity": specificity, "accuracy": accuracy}
        audit = confusion_feasible(**given, f1=f1, n=23)
        assert audit.feasible
        shares = confusion_feasible(**given, f1=f1)
        assert shares.feasible
        low, high = shares.implied["sensitivity", "specificity", "accuracy"]
        assert low - 1e-9 <= (tp + fn) / 23 <= high + 1e-9


def test_headline_row_of_the_paper_fits_no_matrix():
    audit = confusion_feasible(**HEADLINE)
    assert not audit.feasible
    assert audit.miss == pytest.approx(1.13, abs=0.01)
    by_accuracy = audit.implied["sensitivity", "specificity", "accuracy"]
    by_f1 = audit.implied["sensitivity", "specificity", "F1"]
    # Solved by hand: (92.71 - 84.59) / (98.52 - 84.59), and the same for F1.
    assert by_accuracy[0] < 0.5829 < by_accuracy[1]
    assert by_f1[0] < 0.7752 < by_f1[1]
    assert "nearest misses one by 1.13 points" in str(audit)


@pytest.mark.parametrize(("n", "miss"), [(47, 1.377), (48, 1.298), (316, 1.277)])
def test_headline_row_fits_no_test_set_of_the_paper(n, miss):
    audit = confusion_feasible(**HEADLINE, n=n)
    assert not audit.feasible
    assert audit.miss == pytest.approx(miss, abs=0.001)
    assert audit.miss > confusion_feasible(**HEADLINE).miss


def test_one_ablation_row_fits():
    audit = confusion_feasible(**FITS)
    assert audit.feasible
    assert audit.counts is None
    assert audit.prevalence == pytest.approx(0.673, abs=0.001)
    assert "One matrix gives these figures, at prevalence 0.673" in str(audit)


def test_published_ablations_that_fit():
    table = published_tables()[6]
    names = ["Sensitivity (%)", "Specificity (%)", "Accuracy (%)", "F1-score (%)"]
    keys = ("sensitivity", "specificity", "accuracy", "f1")
    fits = [
        row
        for row, values in table[names].iterrows()
        if confusion_feasible(**dict(zip(keys, values, strict=True))).feasible
    ]
    assert fits == ["SIFT + VGG16 → RF"]


def test_known_prevalence_narrows_the_answer():
    assert confusion_feasible(**FITS, prevalence=0.67349).feasible
    assert not confusion_feasible(**FITS, prevalence=0.6).feasible
    given = {"sensitivity": 80, "specificity": 50, "accuracy": 65, "decimals": 0}
    assert confusion_feasible(**given, n=20, prevalence=0.5).counts == {
        "TP": 8,
        "FN": 2,
        "FP": 5,
        "TN": 5,
    }
    assert not confusion_feasible(**given, n=20, prevalence=0.25).feasible


def test_accuracy_beyond_both_rates_needs_rounding_or_fails():
    audit = confusion_feasible(sensitivity=79, specificity=80, accuracy=82, decimals=0)
    assert not audit.feasible
    assert audit.miss == pytest.approx(1.0, abs=1e-4)
    near = confusion_feasible(sensitivity=79, specificity=80, accuracy=80, decimals=0)
    assert near.feasible
    assert 0 < near.prevalence < 1


def test_rounding_ends_are_included():
    # 1 of 8 is 12.5 percent: both 12 and 13 stand for it.
    for sensitivity in (12, 13):
        audit = confusion_feasible(
            sensitivity=sensitivity, specificity=100, accuracy=56, n=16, decimals=0
        )
        assert audit.counts == {"TP": 1, "FN": 7, "FP": 0, "TN": 8}
        assert audit.feasible


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"sensitivity": 101}, ValueError, "sensitivity must lie between 0 and 100 percent. Got"),
        ({"accuracy": "92"}, TypeError, "accuracy must be a number of percent. Got '92'"),
        ({"f1": 97.071}, ValueError, "F1 must have at most 2 decimals. Got 97.071"),
        ({"n": 1}, ValueError, "n must be at least 2. Got 1"),
        ({"n": 47.5}, TypeError, "n must be a whole number. Got 47.5"),
        ({"prevalence": 1}, ValueError, "prevalence must lie between 0 and 1. Got 1"),
        ({"n": 10, "prevalence": 0.01}, ValueError, "prevalence must leave each class a case"),
        ({"decimals": -1}, ValueError, "decimals must be at least 0. Got -1"),
    ],
)
def test_wrong_figures_are_named(change, error, message):
    with pytest.raises(error, match=message):
        confusion_feasible(**(HEADLINE | change))
