import numpy as np
import pytest

from sicf.evaluation import Evaluation


@pytest.fixture(scope="session")
def make_evaluation():
    """An evaluation of noisy scores of patients with two samples each."""

    def make(classes=("a", "b", "c"), names=("forest", "svm"), n_repeats=1, **changed):
        rng = np.random.default_rng(0)
        n_patients, n_classes = 30, len(classes)
        target = np.repeat(np.arange(n_patients) % n_classes, 2)
        fold = np.tile(np.repeat(np.arange(n_patients) // 10, 2), (n_repeats, 1))
        scores = {}
        for name in names:
            noise = rng.normal(size=(n_repeats, len(target), n_classes))
            logits = noise + 1.5 * np.eye(n_classes)[target]
            scores[name] = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
        fits = 3 * n_repeats
        about = {"training samples": 40, "weights_sha256_": "0f" * 32, "random_state": 7}
        facts = {
            "classes": np.array(classes),
            "target": target,
            "groups": np.repeat([f"P{n:02d}" for n in range(n_patients)], 2),
            "sites": np.repeat(np.array(["north", "south"])[np.arange(n_patients) % 2], 2),
            "fold": fold,
            "n_bootstrap": 40,
            "confidence_level": 0.95,
            "interval_method": "percentile",
            "positive": 1 if n_classes == 2 else None,
            "seed": 3,
            "scores": scores,
            "predicted": {name: each.argmax(axis=2) for name, each in scores.items()},
            "is_probability": dict.fromkeys(names, True),
            "fit_seconds": {name: [1.5] * fits for name in names},
            "score_seconds": {name: [0.5] * fits for name in names},
            "peak_memory": {name: [300 * 2**20] * fits for name in names},
            "chosen": {name: [{"C": 0.1}] * fits for name in names},
            "about": {name: [dict(about) for _ in range(fits)] for name in names},
            "versions": {"sicf": "0.1.0", "numpy": "2.0"},
            "started": "2026-01-02T03:04:05+00:00",
        }
        return Evaluation(**facts | changed)

    return make


@pytest.fixture
def hold_out():
    """Forget the samples behind the first: they were trained on."""

    def forget(evaluation, n_tested):
        evaluation.fold[:, n_tested:] = -1
        evaluation.fold[:, :n_tested] = 0
        for name in evaluation.scores:
            evaluation.scores[name][:, n_tested:] = np.nan
            evaluation.predicted[name][:, n_tested:] = -1
        return evaluation

    return forget
