from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture
def make_evaluation():
    """An evaluation by its attributes alone: noisy scores of patients with two samples each."""

    def make(classes=("a", "b", "c"), n_patients=60, n_repeats=1, seed=0, **changed):
        rng = np.random.default_rng(seed)
        n_classes, n_samples = len(classes), 2 * n_patients
        target = np.repeat(np.arange(n_patients) % n_classes, 2)
        logits = (
            rng.normal(size=(n_repeats, n_samples, n_classes)) + 1.5 * np.eye(n_classes)[target]
        )
        scores = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
        facts = {
            "classes": np.array(classes),
            "target": target,
            "groups": np.repeat(np.arange(n_patients), 2),
            "sites": None,
            "fold": np.tile(np.repeat(np.arange(n_patients) % 5, 2), (n_repeats, 1)),
            "n_bootstrap": 200,
            "confidence_level": 0.95,
            "interval_method": "percentile",
            "positive": 1 if n_classes == 2 else None,
            "seed": 0,
            "unit": "patients",
            "scores": {"forest": scores},
            "predicted": {"forest": scores.argmax(axis=2)},
            "is_probability": {"forest": True},
        }
        return SimpleNamespace(**facts | changed)

    return make


@pytest.fixture
def hold_out():
    """Forget the samples behind the first: they were trained on."""

    def forget(evaluation, n_tested):
        evaluation.fold[:, n_tested:] = -1
        evaluation.scores["forest"][:, n_tested:] = np.nan
        evaluation.predicted["forest"][:, n_tested:] = -1
        return evaluation

    return forget
