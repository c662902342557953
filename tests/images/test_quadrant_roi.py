import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline

from sicf import HistEqualize, QuadrantROI, make_spine_phantoms
from sicf.images._canal import midline

HELD = 0.95


@pytest.fixture(scope="module")
def phantoms():
    return make_spine_phantoms(12, n_slices=2, random_state=0)


def held(boxes, masks):
    """Share of the slices whose box holds enough of the mask."""
    return np.mean(
        [
            mask[top:bottom, left:right].sum() >= HELD * mask.sum()
            for (top, left, bottom, right), mask in zip(boxes, masks, strict=True)
            if mask.any()
        ]
    )


def shifted(images, masks, down, right):
    """Move pictures, filled from the edge, and masks, filled with nothing."""
    pad = (abs(down), abs(down)), (abs(right), abs(right))
    rows, columns = masks.shape[1:]
    window = (
        slice(None),
        slice(abs(down) - down, abs(down) - down + rows),
        slice(abs(right) - right, abs(right) - right + columns),
    )
    none = ((0, 0),) * (images.ndim - 3)
    filled = np.pad(images, ((0, 0), *pad, *none), mode="edge")
    return filled[window], np.pad(masks, ((0, 0), *pad))[window]


def section(shift=0):
    """A bright canal in a grey body in air, the body lop-sided in brightness."""
    y, x = np.mgrid[:128, :160]
    body = np.hypot((x - 80 - shift) / 60, (y - 64) / 50) < 1
    canal = np.hypot((x - 80 - shift) / 10, (y - 70) / 8) < 1
    picture = body * (60 + 0.3 * (x - 80)) + 150 * canal
    return np.clip(picture, 0, 255).astype(np.uint8)[np.newaxis]


def test_box_is_about_the_canal():
    top, left, bottom, right = QuadrantROI().locate(section())[0]
    assert (bottom - top, right - left) == (42, 53)
    assert (left + right) / 2 == pytest.approx(80, abs=2)
    assert top <= 62
    assert bottom >= 78


def test_box_follows_the_body():
    at_rest, moved = (QuadrantROI().locate(section(shift))[0] for shift in (0, 15))
    np.testing.assert_allclose(moved - at_rest, [0, 15, 0, 15], atol=1)


def test_mirrored_picture_gets_the_mirrored_box(phantoms):
    boxes = QuadrantROI().locate(phantoms.images)
    mirrored = QuadrantROI().locate(phantoms.images[:, :, ::-1])
    np.testing.assert_allclose(mirrored[:, 1], 224 - boxes[:, 3], atol=2)
    np.testing.assert_allclose(mirrored[:, [0, 2]], boxes[:, [0, 2]], atol=2)


def test_scale_of_intensity_does_not_matter(phantoms):
    images = phantoms.images[:4]
    boxes = QuadrantROI().locate(images)
    for other in (images / 4095.0, images.astype(np.int32) * 7 + 100, images.astype(np.float32)):
        np.testing.assert_array_equal(QuadrantROI().locate(other), boxes)


def test_midline_follows_symmetry_and_not_mean_intensity():
    """A coil that is brighter on the left pulls the balance of means away, not the symmetry."""
    y, x = np.mgrid[:64, :64]
    symmetric = np.cos((x - 37) / 3.0) * np.exp(-(((x - 37) / 15) ** 2)) + np.sin(y / 5)
    tilted = (symmetric + 3) * np.exp(-x / 60)
    assert midline(tilted.astype(np.float32)) == pytest.approx(37.5 / 64, abs=0.02)
    halves = [abs(tilted[:, :c].mean() - tilted[:, c:].mean()) for c in range(8, 56)]
    assert abs(8 + np.argmin(halves) - 37.5) > 8


@settings(max_examples=40, deadline=None)
@given(
    rows=st.integers(16, 90),
    columns=st.integers(16, 90),
    fraction=st.floats(0.05, 1),
    seed=st.integers(0, 2**32 - 1),
)
def test_box_lies_inside_any_picture(rows, columns, fraction, seed):
    X = np.random.default_rng(seed).random((1, rows, columns))
    box = QuadrantROI(fraction=fraction, cropped_fraction=fraction).locate(X)[0]
    top, left, bottom, right = box
    assert 0 <= top < bottom <= rows
    assert 0 <= left < right <= columns
    assert (bottom - top, right - left) == (max(1, round(fraction * rows)),) + (
        max(1, round(fraction * columns)),
    )


def test_picture_without_content_gets_the_central_box():
    box = QuadrantROI(cropped_fraction=0.5, fraction=0.5).locate(np.full((1, 40, 60), 7))[0]
    assert box.tolist() == [10, 15, 30, 45]


def test_sequences_are_cropped_alike_and_labels_stay_labels(phantoms):
    X = np.concatenate([phantoms.images, phantoms.masks[..., None]], axis=3)[:4]
    roi = QuadrantROI(size=100, mask=3).fit(X)
    boxes = roi.locate(X)
    np.testing.assert_array_equal(boxes, QuadrantROI().locate(phantoms.images[:4]))
    cropped = roi.transform(X)
    assert cropped.shape == (4, 100, 100, 4)
    assert set(np.unique(cropped[..., 3])) <= {0, 1, 2, 3}
    kept = QuadrantROI(size=None, mask=3).fit_transform(X)
    top, left, bottom, right = boxes[1]
    np.testing.assert_array_equal(kept[1], X[1, top:bottom, left:right])


def test_row_does_not_depend_on_the_dtypes_of_other_rows(phantoms):
    deep = phantoms.images[0, :, :, 0].astype(np.uint16)
    shallow = (phantoms.images[1, :, :, 0] // 16).astype(np.uint8)
    roi = QuadrantROI(size=64)
    together = roi.fit_transform([shallow, deep])
    np.testing.assert_array_equal(together[0], roi.fit_transform([shallow])[0])
    assert together[0].dtype == np.uint8


@pytest.mark.parametrize("size", [48, 224])
def test_integers_and_floats_of_one_scene_are_equalized_alike(phantoms, size):
    """To within the last bit of a float, which may part two levels that should be one."""
    scene = phantoms.images[:4].astype(np.uint16)
    chain = make_pipeline(QuadrantROI(size), HistEqualize())
    expected = chain.fit_transform(scene)
    for copy in (scene.astype(np.int32), scene.astype(np.float32), scene / 4095.0):
        apart = np.abs(chain.fit_transform(copy).astype(int) - expected)
        assert apart.max() <= 1
        assert (apart > 0).mean() < 1e-3


def test_eight_bits_stay_eight_bits(phantoms):
    X = (phantoms.images[:1] // 16).astype(np.uint8)
    assert QuadrantROI().fit_transform(X).dtype == np.uint8
    assert QuadrantROI().fit_transform(X.astype(np.uint16)).dtype == np.float32
    assert QuadrantROI(size=None).fit_transform(X.astype(np.uint16)).dtype == np.uint16


@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.float64])
def test_flat_picture_stays_flat_through_the_chain(dtype):
    chain = make_pipeline(QuadrantROI(), HistEqualize())
    assert not chain.fit_transform(np.full((1, 700, 810), 1234, dtype)).any()


def test_tumours_of_the_phantoms_are_held(phantoms):
    assert held(QuadrantROI().locate(phantoms.images), phantoms.masks == 1) >= 0.95


@pytest.mark.parametrize("sequence", [0, 1, 2], ids=["T1", "T2", "T1ce"])
def test_one_noisy_sequence_shows_the_air_as_well_as_three(phantoms, sequence):
    boxes = QuadrantROI().locate(phantoms.images[..., sequence])
    sides = boxes[:, 2:] - boxes[:, :2]
    np.testing.assert_array_equal(sides, np.full_like(sides, 224 // 3))


@pytest.mark.slow
def test_tumours_of_many_phantoms_are_held():
    many = make_spine_phantoms(100, random_state=1, max_shift=0.12)
    assert held(QuadrantROI().locate(many.images), many.masks == 1) >= 0.95


SERIES = {
    "t2s, whole field": ("t2s/t2s_uncropped", "t2s/t2s_uncropped_gmseg_manual", 0.5),
    "t2s": ("t2s/t2s", "t2s/t2s_seg", 0.75),
    "t2": ("t2/t2", "t2/t2_seg-manual", 0.75),
    "t1": ("t1/t1w", "t1/t1w_seg-manual", 0.75),
    "mt0": ("mt/mt0", "mt/mt0_seg", 0.75),
    "mt1": ("mt/mt1", "mt/mt1_seg", 0.75),
}


def read_slices(folder, name):
    nibabel = pytest.importorskip("nibabel")
    path = folder / "sct_nifti" / f"{name}.nii.gz"
    volume = np.asarray(nibabel.as_closest_canonical(nibabel.load(path)).dataobj)
    return np.flip(volume.transpose(2, 1, 0), axis=1)


@pytest.mark.real_data
@pytest.mark.parametrize("series", SERIES)
def test_cord_of_real_slices_is_held_wherever_it_lies(data_folder, series):
    name, mask, largest = SERIES[series]
    images, masks = read_slices(data_folder, name), read_slices(data_folder, mask) > 0
    images, masks = images[masks.any(axis=(1, 2))], masks[masks.any(axis=(1, 2))]
    rows, columns = images.shape[1:]
    for share in (-0.2, -0.1, 0, 0.1, 0.2):
        for down, right in ((round(share * rows), 0), (0, round(share * columns))):
            moved, moved_masks = shifted(images, masks, down, right)
            boxes = QuadrantROI().locate(moved)
            sides = (boxes[:, 2:] - boxes[:, :2]) / [rows, columns]
            assert sides.max() <= largest
            assert held(boxes, moved_masks) >= 0.95, f"shifted by {down}, {right}"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"fraction": 0}, "fraction must lie above 0 and at most at 1. Got 0"),
        ({"fraction": "a"}, "fraction must lie above 0 and at most at 1. Got 'a'"),
        ({"fill_nan": "mean"}, "fill_nan must be None or a finite number. Got 'mean'"),
        ({"cropped_fraction": 1.2}, "cropped_fraction must lie above 0"),
        ({"size": 0}, "size must be a number of pixels, or rows and columns. Got 0"),
        ({"size": (10, 20, 30)}, "size must be a number of pixels"),
    ],
)
def test_wrong_parameter_is_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        QuadrantROI(**parameters).fit(np.ones((1, 20, 20)))
