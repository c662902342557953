import cv2
import numpy as np
import pytest

from sicf import SIFTDescriptors


@pytest.fixture
def blobs(rng):
    """Two smooth random pictures of two sequences, with dozens of keypoints."""
    noise = rng.normal(size=(2, 96, 120, 2))
    smooth = np.stack([cv2.GaussianBlur(image, (0, 0), 2) for image in noise])
    scaled = (smooth - smooth.min()) / np.ptp(smooth)
    return np.rint(scaled * 255).astype(np.uint8)


def test_descriptors_are_those_of_opencv(blobs):
    records = SIFTDescriptors().fit_transform(blobs)[1]
    for m in range(2):
        plane = np.ascontiguousarray(blobs[1, :, :, m])
        keypoints, descriptors = cv2.SIFT_create().detectAndCompute(plane, None)
        own = records[records["sequence"] == m]
        assert len(own) == len(keypoints) > 20
        np.testing.assert_array_equal(own["descriptor"], descriptors)
        columns = [(keypoint.pt[0] + 0.5) / 120 for keypoint in keypoints]
        np.testing.assert_allclose(own["column"], columns, rtol=1e-6)
        rows = [(keypoint.pt[1] + 0.5) / 96 for keypoint in keypoints]
        np.testing.assert_allclose(own["row"], rows, rtol=1e-6)


def test_same_scene_on_other_scales_gives_the_same_descriptors(rng):
    scene = cv2.GaussianBlur(rng.normal(size=(96, 96)), (0, 0), 2)
    scene = np.rint((scene - scene.min()) / np.ptp(scene) * 4095)[np.newaxis]
    expected = SIFTDescriptors().fit_transform(scene.astype(np.uint16))[0]
    assert len(expected) > 20
    for stored in (scene / 4095, scene.astype(np.float32), scene.astype(np.int32)):
        np.testing.assert_array_equal(SIFTDescriptors().fit_transform(stored)[0], expected)


def test_grid_covers_the_picture_and_describes_flat_regions():
    X = np.zeros((1, 32, 48), np.uint8)
    records = SIFTDescriptors("dense", dense_step=16).fit_transform(X)[0]
    points = np.sort(records["row"] * 32), np.sort(records["column"] * 48)
    np.testing.assert_allclose(points[0], [8.5] * 3 + [24.5] * 3, rtol=1e-6)
    np.testing.assert_allclose(points[1], [8.5] * 2 + [24.5] * 2 + [40.5] * 2, rtol=1e-6)


def test_keypoints_stay_inside_the_mask(blobs):
    mask = np.zeros((2, 96, 120, 1), np.uint8)
    mask[:, 20:60, 30:90] = 1
    mask[:, 20:60, 60:90] = 3
    X = np.concatenate([blobs, mask], axis=3)
    everywhere, inside, label_three = (
        SIFTDescriptors(mask=2, region=region, mask_labels=labels).fit_transform(X)[0]
        for region, labels in [("image", None), ("mask", None), ("mask", [3])]
    )
    assert len(everywhere) > len(inside) > len(label_three) > 0
    assert set(everywhere["sequence"]) == {0, 1}
    assert (inside["row"] * 96 <= 61).all()
    assert (label_three["column"] * 120 >= 59).all()


@pytest.mark.parametrize(
    "X",
    [np.full((1, 32, 32), 9, np.uint8), np.stack([np.eye(32), np.zeros((32, 32))], axis=2)[None]],
    ids=["constant", "empty mask"],
)
def test_no_keypoint_is_an_empty_array(X):
    region, mask = ("mask", 1) if X.ndim == 4 else ("image", None)
    records = SIFTDescriptors(region=region, mask=mask).fit_transform(X)[0]
    assert records.shape == (0,)
    assert records["descriptor"].shape == (0, 128)


def test_result_and_opencv_threads_do_not_depend_on_n_jobs(blobs):
    before = cv2.getNumThreads()
    one, two = (SIFTDescriptors(n_jobs=n).fit_transform(blobs) for n in (1, 2))
    assert cv2.getNumThreads() == before
    for first, second in zip(one, two, strict=True):
        np.testing.assert_array_equal(first, second)


def test_strongest_keypoints_are_kept(blobs):
    records = SIFTDescriptors(max_keypoints=5).fit_transform(blobs[..., :1])[0]
    everything = SIFTDescriptors().fit_transform(blobs[..., :1])[0]
    fifth = np.sort(everything["response"])[-5]
    assert len(records) == (everything["response"] >= fifth).sum() < len(everything)
    assert records["response"].min() == fifth


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"detector": "surf"}, "detector must be one of"),
        ({"region": "tumour"}, "region must be one of"),
        ({"region": "mask"}, "needs mask"),
        ({"max_keypoints": 0}, "max_keypoints must be at least 1. Got 0"),
        ({"dense_step": 0}, "dense_step must be at least 1. Got 0"),
        ({"sigma": 0}, "sigma must be above 0. Got 0"),
        ({"dense_size": float("nan")}, "dense_size must be above 0. Got nan"),
    ],
)
def test_wrong_parameter_is_named(parameters, message, blobs):
    with pytest.raises(ValueError, match=message):
        SIFTDescriptors(**parameters).fit(blobs)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"max_keypoints": 20.0}, "max_keypoints must be a whole number. Got 20.0"),
        ({"dense_step": 8.0}, "dense_step must be a whole number. Got 8.0"),
        ({"dense_step": True}, "dense_step must be a whole number. Got True"),
        ({"dense_size": None}, "dense_size must be a number. Got None"),
        ({"contrast_threshold": "0.04"}, "contrast_threshold must be a number. Got '0.04'"),
    ],
)
def test_parameter_of_another_type_is_named(parameters, message, blobs):
    with pytest.raises(TypeError, match=message):
        SIFTDescriptors(**parameters).fit(blobs)


def test_numbers_of_numpy_are_numbers(blobs):
    steps = SIFTDescriptors(max_keypoints=np.int64(5), sigma=np.float32(1.6))
    expected = SIFTDescriptors(max_keypoints=5, sigma=np.float32(1.6)).fit_transform(blobs)
    np.testing.assert_array_equal(steps.fit_transform(blobs)[0], expected[0])
