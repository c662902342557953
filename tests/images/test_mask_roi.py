import numpy as np
import pytest

from sicf import MaskROI, QuadrantROI, boxes_to_mask


@pytest.fixture
def X(rng):
    """Two pictures of one sequence with a mask of two labels."""
    X = rng.integers(0, 256, size=(2, 60, 80, 2), dtype=np.uint8)
    X[..., 1] = 0
    X[:, 20:30, 30:60, 1] = 1
    X[:, 22:26, 40:50, 1] = 3
    return X


def test_box_is_about_the_mask_with_its_margin(X):
    assert MaskROI(margin=0, square=False).locate(X)[0].tolist() == [20, 30, 30, 60]
    assert MaskROI(margin=3, square=False).locate(X)[0].tolist() == [17, 27, 33, 63]
    assert MaskROI(margin=0.1, square=False).locate(X)[0].tolist() == [17, 27, 33, 63]
    assert MaskROI(margin=0).locate(X)[0].tolist() == [10, 30, 40, 60]
    assert MaskROI(margin=500).locate(X)[0].tolist() == [0, 0, 60, 80]


def test_labels_that_count_can_be_chosen(X):
    for labels in ([3], {3}, range(3, 5)):
        roi = MaskROI(margin=0, square=False, mask_labels=labels)
        assert roi.locate(X)[0].tolist() == [22, 40, 26, 50]


def test_soft_mask_is_refused_by_name(X):
    X = X.astype(float)
    assert MaskROI(margin=0).locate(X)[0].tolist() == [10, 30, 40, 60]
    X[1, 5, 5, 1] = 0.5
    with pytest.raises(ValueError, match="whole numbers. Image 1 holds 0.5"):
        MaskROI().locate(X)


def test_crop_keeps_pixels_or_resizes_them(X):
    kept = MaskROI(size=None, margin=0, square=False).fit_transform(X)
    np.testing.assert_array_equal(kept, X[:, 20:30, 30:60])
    resized = MaskROI(size=(20, 30)).fit_transform(X)
    assert resized.shape == (2, 20, 30, 2)
    assert resized.dtype == np.uint8
    assert set(np.unique(resized[..., 1])) == {0, 1, 3}


def test_empty_mask_is_named_or_takes_the_whole_image(X):
    X[1, ..., 1] = 0
    with pytest.raises(ValueError, match="image 1 holds"):
        MaskROI().fit_transform(X)
    assert MaskROI(on_empty="whole").locate(X)[1].tolist() == [0, 0, 60, 80]
    with pytest.raises(ValueError, match=r"label among \[7\]. That of image 0 holds \[0, 1, 3\]"):
        MaskROI(mask_labels=[7]).locate(X)


def test_corrected_boxes_come_back_as_a_mask_channel(X, rng):
    pictures = [rng.random((50, 60)), rng.random((40, 70))]
    boxes = QuadrantROI().locate(pictures) + 1
    with_mask = boxes_to_mask(pictures, boxes)
    assert [image.shape for image in with_mask] == [(50, 60, 2), (40, 70, 2)]
    again = MaskROI(margin=0, square=False).locate(with_mask)
    np.testing.assert_array_equal(again, boxes)
    stacked = boxes_to_mask(X, [[0, 0, 5, 5], [1, 2, 60, 80]])
    assert stacked.shape == (2, 60, 80, 3)
    assert stacked.dtype == np.uint8


def test_boxes_of_a_table_are_whole_floats(X):
    boxes = [[0, 0, 5, 5], [1, 2, 60, 80]]
    np.testing.assert_array_equal(boxes_to_mask(X, np.array(boxes, float)), boxes_to_mask(X, boxes))


def test_pictures_of_two_dtypes_keep_them():
    pictures = [np.ones((40, 40), np.uint8), np.ones((40, 40), np.uint16)]
    with_mask = boxes_to_mask(pictures, [[0, 0, 5, 5]] * 2)
    assert [image.dtype for image in with_mask] == [np.uint8, np.uint16]


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        ([[0, 0, 5, 5]], r"shape \(2, 4\), one for each image. Got \(1, 4\)"),
        ([[0, 0, 5, 5], [0, 0, 61, 5]], "Image 1 has 60 x 80 pixels, its box is"),
        ([[5, 0, 5, 5], [0, 0, 5, 5]], "Image 0 has"),
        ([[0, 0, 5, 5], [0, 0, 5.5, 5]], r"whole numbers.*image 1 is \[0.0, 0.0, 5.5, 5.0\]"),
        ([[0, 0, 5, 5], [0, 0, np.nan, 5]], "whole numbers.*image 1 is"),
        ([[0, 0, 5, 5], [0, 0, np.inf, 5]], "Image 1 has 60 x 80 pixels, its box is"),
        ([["a", "b", "c", "d"]] * 2, "boxes must hold numbers of pixels"),
        ([[0, 0, 5, 5], [0, 0, 5]], "A box must be four numbers"),
    ],
)
def test_box_that_does_not_fit_is_named(X, boxes, message):
    with pytest.raises(ValueError, match=message):
        boxes_to_mask(X, boxes)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"mask": None}, "MaskROI needs mask"),
        ({"on_empty": "skip"}, "on_empty must be one of"),
        ({"margin": -1}, "margin must be at least 0. Got -1"),
        ({"margin": "wide"}, "margin must be at least 0. Got 'wide'"),
        ({"margin": np.nan}, "margin must be at least 0. Got nan"),
        ({"mask_labels": 1}, "mask_labels must be None or several whole numbers.*Got 1 instead"),
        ({"fill_nan": "mean"}, "fill_nan must be None or a finite number"),
        ({"mask": 5}, "one of the 2 channel"),
    ],
)
def test_wrong_parameter_is_named(X, parameters, message):
    with pytest.raises(ValueError, match=message):
        MaskROI(**parameters).fit(X)
