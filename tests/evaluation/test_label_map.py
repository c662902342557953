import numpy as np
import pytest
from sklearn.dummy import DummyClassifier

from sicf import evaluate

Y = np.array(["astro", "epend", "hemang"] * 10)
TWO = {"astro": "glial", "epend": "glial", "hemang": "vascular"}


def run(**options):
    return evaluate(DummyClassifier(), np.arange(60.0).reshape(30, 2), Y, outer=2, **options)


def test_three_classes_become_two():
    found = run(label_map=TWO, positive_label="glial")
    assert found.classes.tolist() == ["glial", "vascular"]
    assert found.positive == 0
    np.testing.assert_array_equal(
        found.classes[found.target], np.where(Y == "hemang", "vascular", "glial")
    )
    assert found.metrics()["sensitivity"].value == 1.0


@pytest.mark.parametrize(
    ("label_map", "message"),
    [
        ({"astro": "glial"}, r"name every label of y. It lacks \['epend', 'hemang'\]"),
        ({**TWO, "hemang": 1}, r"labels of one type, none of them None. Got \['int', 'str'\]"),
        (dict.fromkeys(TWO, "tumour"), "at least 2 classes. Got 1 class: 'tumour'"),
    ],
)
def test_maps_that_do_not_fit_are_named(label_map, message):
    with pytest.raises(ValueError, match=message):
        run(label_map=label_map)


def test_map_of_another_kind_is_named():
    with pytest.raises(TypeError, match="label_map must be a dict"):
        run(label_map=["glial"])
