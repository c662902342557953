import warnings

import cv2
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin

from sicf import evaluate, make_spine_phantoms
from sicf.evaluation import EvaluationWarning
from sicf.evaluation._duplicates import equal_pairs
from sicf.evaluation._likeness import alike


class Any(ClassifierMixin, BaseEstimator):
    """Takes whatever it is given."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.repeat(self.classes_[:1], len(X))

    def predict_proba(self, X):
        return np.full((len(X), 2), 0.5)


@pytest.fixture(scope="module")
def pictures():
    return make_spine_phantoms(
        24, n_slices=1, sequences=("T2",), shape=(96, 96), random_state=0
    ).images


LABELS = np.arange(24) % 2


def test_phantoms_of_different_patients_are_not_alike(pictures):
    assert alike(pictures) == []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        evaluate(Any(), pictures, LABELS, outer=4, random_state=0)


@pytest.mark.parametrize("kind", ["array", "list", "frame", "rows", "words"])
def test_equal_samples_are_found_in_every_container(pictures, kind, tmp_path):
    copies = np.array(pictures)
    copies[7] = copies[2]
    flat = copies.reshape(24, -1)[:, 4000:4200]
    X = {
        "array": copies,
        "list": list(copies),
        "frame": pd.DataFrame(flat),
        "rows": flat,
        "words": pd.DataFrame({f"c{i}": [f"{v}" for v in flat[:, i * 9]] for i in range(12)}),
    }[kind]
    assert (2, 7) in equal_pairs(X)


def test_equal_files_are_found_whatever_their_names(tmp_path):
    paths = [tmp_path / f"{index}.bin" for index in range(24)]
    for index, path in enumerate(paths):
        path.write_bytes(bytes([5 if index == 9 else index]) * 30)
    as_list, as_frame = list(map(str, paths)), pd.DataFrame({"T1": list(map(str, paths))})
    for X in (as_list, as_frame, paths, np.array(as_list)):
        assert equal_pairs(X) == [(5, 9)]
    with pytest.warns(EvaluationWarning, match=r"1 equal \(5 and 9\)"):
        evaluate(Any(), as_frame, LABELS, outer=24 // 2, random_state=0)


def test_only_pairs_that_a_split_parts_are_told(pictures):
    copies = np.array(pictures)
    copies[7] = copies[3]
    groups = np.arange(24)
    with pytest.warns(EvaluationWarning, match=r"1 equal \(3 and 7\)"):
        evaluate(Any(), copies, LABELS, groups=groups, outer=12, random_state=0)
    groups[7] = groups[3]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        evaluate(Any(), copies, LABELS, groups=groups, outer=4, random_state=0)
        evaluate(Any(), copies, LABELS, outer=12, check_duplicates=False, random_state=0)


def jpeg(picture):
    return cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], 0)


@pytest.mark.parametrize(
    "change",
    [
        jpeg,
        lambda picture: cv2.resize(picture, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA),
        lambda picture: picture * 0.8 + 12,
        lambda picture: picture + np.random.default_rng(0).normal(0, 3, picture.shape),
    ],
    ids=["jpeg", "smaller", "darker", "noisy"],
)
def test_changed_copies_are_found(pictures, change):
    scaled = [cv2.normalize(p, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8) for p in pictures]
    assert alike([*scaled, change(scaled[11])]) == [(11, 24)]


def test_rows_that_coincide_by_chance_and_blank_pictures_are_passed_over():
    assert equal_pairs(np.ones((5, 4))) == []
    assert equal_pairs(np.zeros((5, 20, 20))) == []
    assert alike(np.zeros((5, 20, 20))) == []
    assert equal_pairs(np.tile(np.arange(10.0), (2, 1))) == [(0, 1)]


def test_likeness_numbers_pictures_right_across_blocks(monkeypatch, pictures):
    monkeypatch.setattr("sicf.evaluation._likeness.ROWS_AT_ONCE", 5)
    many = [*pictures, pictures[3] * 1.1, pictures[21] * 0.9]
    assert sorted(alike(many)) == [(3, 24), (21, 25)]
