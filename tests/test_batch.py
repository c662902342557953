import numpy as np
import pandas as pd
import pytest

from sicf._batch import check_images, check_mask_labels
from sicf._intensity import to_uint8


def test_array_of_one_sequence_is_a_view_with_a_channel_axis(rng):
    X = rng.random((4, 20, 30))
    batch = check_images(X)
    assert len(batch) == 4
    assert batch.n_channels == 1
    assert batch[2].shape == (20, 30, 1)
    assert np.shares_memory(batch[2], X)
    np.testing.assert_array_equal(batch.rebuild(list(batch)), X)


def test_list_mixes_sizes_and_comes_back_as_a_list(rng):
    X = [rng.random((20, 30, 2)), rng.random((25, 18, 2))]
    batch = check_images(X)
    assert batch.n_channels == 2
    assert [image.shape for image in batch.rebuild(list(batch))] == [(20, 30, 2), (25, 18, 2)]


def test_series_of_pictures_is_a_batch(rng):
    batch = check_images(pd.Series([rng.random((20, 30)), rng.random((20, 30))], index=[7, 9]))
    assert len(batch) == 2


@pytest.mark.parametrize("n_channels", [None, 2])
def test_images_of_several_dtypes_come_back_as_they_are(n_channels):
    shape = (20, 30) if n_channels is None else (20, 30, n_channels)
    X = [np.ones(shape, dtype) for dtype in (np.uint8, np.uint16, np.uint8)]
    batch = check_images(X)
    rebuilt = batch.rebuild(list(batch))
    assert [image.dtype for image in rebuilt] == [np.uint8, np.uint16, np.uint8]
    assert [image.shape for image in rebuilt] == [shape] * 3


@pytest.mark.parametrize("labels", [[1], (1,), {1}, frozenset({1}), range(1, 2), np.array([1.0])])
def test_labels_that_count_may_be_any_collection(labels):
    X = np.zeros((1, 20, 20, 2))
    X[0, 3, 4, 1], X[0, 5, 5, 1] = 1.0, 2.0
    batch = check_images(X, mask=1)
    assert np.argwhere(batch.region(0, labels)).tolist() == [[3, 4]]
    assert batch.region(0).sum() == 2


@pytest.mark.parametrize("labels", [1, "1", [0.5], [None], [np.nan]])
def test_labels_that_are_no_labels_are_refused(labels):
    with pytest.raises(ValueError, match="mask_labels must be None or several whole numbers"):
        check_mask_labels(labels)


def test_soft_mask_is_refused_by_name_and_value():
    X = [np.zeros((20, 20, 2), dtype) for dtype in (np.uint8, np.float32)]
    X[1][4, 4, 1] = 0.75
    with pytest.raises(ValueError, match="must be whole numbers. Image 1 holds 0.75"):
        check_images(X, mask=-1)
    assert len(check_images(X, mask=0)) == 2


def test_mask_channel_is_no_sequence(rng):
    X = rng.random((2, 20, 20, 3))
    X[..., 1] = rng.integers(0, 3, size=(2, 20, 20))
    batch = check_images(X, mask=-2)
    assert batch.mask == 1
    assert batch.sequence_channels == [0, 2]
    np.testing.assert_array_equal(batch.sequences(0), X[0][:, :, [0, 2]])
    np.testing.assert_array_equal(batch.labels(1), X[1, :, :, 1])


def test_nan_is_filled_in_a_copy_where_the_user_asked(rng):
    X = rng.random((2, 20, 20))
    X[1, 3, 4] = np.nan
    batch = check_images(X, fill_nan=0)
    assert batch[1][3, 4, 0] == 0
    assert np.isnan(X[1, 3, 4])


def _with(value):
    X = np.ones((3, 20, 20))
    X[2, 0, 0] = value
    return X


@pytest.mark.parametrize(
    ("X", "options", "error", "message"),
    [
        (np.ones((5, 400)), {}, ValueError, r"2-D shape \(5, 400\).*X.reshape\(-1, H, W\)"),
        ([np.ones(400), np.ones(400)], {}, ValueError, "2-D shape"),
        (np.ones(400), {}, ValueError, r"Got 1 dimension\(s\)"),
        (np.ones((2, 2, 20, 20, 2)), {}, ValueError, r"Got 5 dimension\(s\)"),
        (np.ones((0, 20, 20)), {}, ValueError, r"Found array with 0 sample\(s\)"),
        ([], {}, ValueError, r"Found array with 0 sample\(s\)"),
        (np.ones((2, 15, 20)), {}, ValueError, "Image 0 has 15 x 20 pixels"),
        ([np.ones((20, 20)), np.ones((0, 20))], {}, ValueError, r"Image 1 has shape \(0, 20, 1\)"),
        (np.ones((2, 3, 20, 30)), {}, ValueError, "channels-first; use np.moveaxis"),
        ([np.ones((20, 20, 2)), np.ones((20, 20))], {}, ValueError, "Image 1 has 1, image 0 has 2"),
        ([np.ones((20, 20)), np.ones((2, 2, 20, 20))], {}, ValueError, "Image 1 has shape"),
        (_with(np.nan), {}, ValueError, r"Image 2 has 1 .*by QuadrantROI\(fill_nan=0\)"),
        (_with(np.inf), {}, ValueError, r"Image 2 has 1 non-finite pixel\(s\); mend the image\.$"),
        (_with(np.nan), {"fill_nan": "mean"}, ValueError, "a finite number. Got 'mean' instead"),
        (_with(np.nan), {"fill_nan": np.nan}, ValueError, "a finite number. Got nan instead"),
        (_with(np.inf), {"fill_nan": 0}, ValueError, "Image 2 has 1 non-finite"),
        (["a.png", "b.png"], {}, TypeError, "Image 0 must be pixels.*'a.png'.*load_images"),
        (np.array(["a.png"]), {}, TypeError, "Got text"),
        ("folder", {}, TypeError, "X must be pixels.*load_images"),
        ((x for x in [1]), {}, TypeError, "array or a list of images. Got generator"),
        (np.ones((2, 20, 20), complex), {}, TypeError, "real dtype. Got complex128"),
        ([np.ones((20, 20)), None], {}, TypeError, "Image 1 must have a real dtype. Got object"),
        ([[[1, 2], [3]]], {}, ValueError, "Image 0 is ragged"),
        (
            [[np.ones((64, 80)), np.ones((60, 80)), np.ones((60, 80))]],
            {},
            ValueError,
            r"on one grid. Image 0 is .* of shape \(64, 80\) and \(60, 80\); resample",
        ),
        (np.ones((2, 20, 20, 2)), {"mask": 2}, ValueError, r"one of the 2 channel\(s\).*Got 2"),
        (np.ones((2, 20, 20, 2)), {"mask": "last"}, TypeError, "number of a channel. Got 'last'"),
        (np.ones((2, 20, 20)), {"mask": 0}, ValueError, "mask=0 leaves no sequence"),
        (
            np.ones((2, 20, 20)),
            {"n_channels": 3},
            ValueError,
            r"3 channel\(s\) that fit saw. Got 1",
        ),
    ],
)
def test_bad_batch_gets_a_clear_error(X, options, error, message):
    with pytest.raises(error, match=message):
        check_images(X, **options)


def test_eight_bits_pass_as_they_are(rng):
    plane = rng.integers(5, 9, size=(16, 16), dtype=np.uint8)
    assert to_uint8(plane) is plane


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int32, np.float32, np.float64])
def test_other_dtypes_are_stretched_to_eight_bits(dtype):
    plane = np.linspace(-100 if dtype != np.uint16 else 0, 100, 256).reshape(16, 16).astype(dtype)
    stretched = to_uint8(plane)
    assert stretched.dtype == np.uint8
    assert (stretched.min(), stretched.max()) == (0, 255)


def test_extreme_floats_do_not_overflow():
    plane = np.array([[-1.7e308, 0.0], [0.0, 1.7e308]])
    assert to_uint8(plane).tolist() == [[0, 128], [128, 255]]


def test_subnormal_floats_do_not_underflow():
    plane = np.array([[0.0, 5e-324], [1e-323, 0.0]])
    assert to_uint8(plane).tolist() == [[0, 128], [255, 0]]


def test_constant_and_boolean_planes():
    assert not to_uint8(np.full((4, 4), 7.5)).any()
    assert to_uint8(np.eye(2, dtype=bool)).tolist() == [[255, 0], [0, 255]]
