import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import FunctionTransformer

from sicf import importances_by_part
from tests.explanation.conftest import chain, network, union
from tests.explanation.test_explain import thumbnails


def test_sums_are_those_by_the_names_of_columns(pictures):
    X, y = pictures
    pipeline = chain(union("concat", ("T1", "T2")), k=20).fit(X, y)
    table = importances_by_part(pipeline)
    assert table["part"].tolist() == ["sift", "sift", "net", "net"]
    assert table["sequence"].tolist() == ["T1", "T2", "T1", "T2"]
    assert table["columns"].tolist() == [12, 12, 10, 10]
    names = pipeline[:-1].get_feature_names_out()
    for row in table.itertuples():
        own = np.array([name.startswith(f"{row.part}__{row.sequence}_") for name in names])
        assert row.selected == own.sum()
        expected = pipeline[-1].feature_importances_[own].sum()
        assert row.importance == pytest.approx(expected, abs=1e-12)
    assert table["importance"].sum() == pytest.approx(1)


def test_sequences_that_share_columns_are_one_row(pictures):
    X, y = pictures
    table = importances_by_part(chain(union(), k=None).fit(X, y))
    assert table["sequence"].tolist() == ["", ""]
    assert table["selected"].tolist() == table["columns"].tolist() == [12, 10]


def test_unfitted_pipeline():
    with pytest.raises(NotFittedError, match="must be fitted"):
        importances_by_part(chain(union()))


def test_a_part_without_names(pictures):
    X, y = pictures
    features = FeatureUnion([("thumbnail", FunctionTransformer(thumbnails)), ("net", network())])
    with pytest.raises(TypeError, match="'thumbnail' ends in FunctionTransformer, which does not"):
        importances_by_part(chain(features, k=None).fit(X, y))
