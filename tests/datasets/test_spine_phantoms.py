import numpy as np
import pytest

from sicf import make_spine_phantoms
from sicf.datasets._mr_signal import RELAXATION, SEQUENCES, Tissue, rician, signal
from sicf.datasets._spine_anatomy import draw_anatomy
from sicf.datasets._spine_lesions import (
    CLASSES,
    LARGEST_SHARE,
    PARTS,
    VOLUMES,
    draw_cross_section,
    draw_lesion,
    draw_volume,
)


@pytest.fixture(scope="module")
def data():
    return make_spine_phantoms(12, n_slices=2, noise=0.01, random_state=0)


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("part", PARTS)
def test_volumes_follow_table_1(kind, part):
    mean, sd = VOLUMES[kind][part]
    drawn = draw_volume(mean, sd, np.random.default_rng(0), 2_000_000)
    assert (drawn > 0).all()
    assert drawn.mean() == pytest.approx(mean, rel=0.01)
    assert drawn.std() == pytest.approx(sd, rel=0.05)
    assert np.median(drawn) < mean


@pytest.mark.parametrize("kind", CLASSES)
def test_volume_is_what_the_sections_add_up_to(kind):
    """Areas integrated along the cord give the drawn volume, and the sac bounds each of them."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        anatomy = draw_anatomy(rng)
        for name, part in draw_lesion(kind, anatomy, rng).parts.items():
            z = np.linspace(-part.half_length, part.half_length, 4001) + part.centre
            areas = np.array([part.area(at) for at in z])
            assert np.trapezoid(areas, z) == pytest.approx(part.volume, rel=1e-3)
            assert areas.max() <= LARGEST_SHARE[name] * anatomy.sac_area * (1 + 1e-9)


def test_section_meets_the_areas_and_stays_in_the_sac():
    rng = np.random.default_rng(2)
    step = 0.25
    y, x = np.meshgrid(*2 * [np.arange(-20, 20, step)], indexing="ij")
    for kind in CLASSES:
        anatomy = draw_anatomy(rng)
        lesion = draw_lesion(kind, anatomy, rng)
        section, labels, _ = draw_cross_section(lesion, anatomy, 0.0, x, y, rng)
        for label, name in ((1, "tumour"), (2, "oedema"), (3, "cavity")):
            area = (labels == label).sum() * step**2
            assert area == pytest.approx(lesion.parts[name].area(0.0), abs=4)
        outside = np.hypot(x / anatomy.sac[0], y / anatomy.sac[1]) > 1
        assert not labels[outside].any()
        assert (section[labels == 0] != Tissue.TUMOUR).all()


def test_signal_is_the_spin_echo_equation():
    tissues = np.array([[Tissue.CSF, Tissue.TUMOUR]], np.uint8)
    uptake = np.array([[0.0, 0.5]], np.float32)
    plain = signal(tissues, SEQUENCES["T1"], RELAXATION, uptake)[0]
    enhanced = signal(tissues, SEQUENCES["T1ce"], RELAXATION, uptake)[0]
    assert plain[0] == pytest.approx((1 - np.exp(-600 / 4000)) * np.exp(-10 / 1500), rel=1e-5)
    t1 = 1 / (1 / 1500 + 4.0 * 0.5 / 1000)
    expected = 0.85 * (1 - np.exp(-600 / t1)) * np.exp(-10 / 115)
    assert enhanced[1] == pytest.approx(expected, rel=1e-5)
    assert plain[1] < enhanced[1]


def test_contrast_is_that_of_mr():
    """Fat is bright on T1, water on T2; bone and flowing blood are dark on both."""
    all_tissues = np.array([list(Tissue)], np.uint8)
    nothing = np.zeros(all_tissues.shape, np.float32)
    t1, t2 = (
        dict(zip(Tissue, signal(all_tissues, SEQUENCES[name], RELAXATION, nothing)[0], strict=True))
        for name in ("T1", "T2")
    )
    assert t1[Tissue.FAT] > t1[Tissue.MARROW] > t1[Tissue.CORD] > t1[Tissue.CSF]
    assert t1[Tissue.TUMOUR] < t1[Tissue.CORD]
    assert t2[Tissue.CSF] > t2[Tissue.TUMOUR] > t2[Tissue.CORD] > t2[Tissue.MUSCLE]
    for dark in (Tissue.CORTICAL_BONE, Tissue.VESSEL, Tissue.AIR):
        assert max(t1[dark], t2[dark]) < 0.1


def test_pictures_enhance_where_the_tumour_is(data):
    t1, t2, t1ce = np.moveaxis(data.images.astype(float), -1, 0)
    tumour, cavity = data.masks == 1, data.masks == 3
    assert np.median(t1ce[tumour] / t1[tumour]) > 1.2
    assert np.median(t2[cavity]) > np.median(t2[tumour])
    assert np.median(t1[cavity]) < np.median(t1[tumour])


def test_noise_is_rician():
    rng = np.random.default_rng(0)
    air = rician(np.zeros((400, 400)), 3.0, rng)
    assert air.mean() == pytest.approx(3.0 * np.sqrt(np.pi / 2), rel=0.01)
    bright = rician(np.full((400, 400), 100.0), 3.0, rng)
    assert bright.std() == pytest.approx(3.0, rel=0.02)


def test_bunch_fits_together(data):
    assert data.images.shape == (24, 224, 224, 3)
    assert data.images.dtype == np.uint16
    assert data.masks.shape == (24, 224, 224)
    assert set(np.unique(data.masks)) == {0, 1, 2, 3}
    assert (data.masks == 1).any(axis=(1, 2)).all()
    assert data.target_names == ["astrocytoma", "ependymoma", "hemangioblastoma"]
    assert data.groups.tolist() == np.repeat(range(12), 2).tolist()
    assert data.volumes.shape == data.lengths.shape == (12, 3)
    for patient in range(12):
        assert len(set(data.target[data.groups == patient])) == 1


def test_classes_are_as_frequent_as_in_the_paper():
    from sicf.datasets._spine_phantoms import _draw_kinds

    rng = np.random.default_rng(0)
    assert np.bincount(_draw_kinds(316, rng)).tolist() == [93, 118, 105]
    assert np.bincount(_draw_kinds(30, rng)).tolist() == [9, 11, 10]
    assert np.bincount(_draw_kinds(3, rng)).tolist() == [1, 1, 1]


def test_seed_decides_everything_and_sequences_choose_channels():
    options = {"n_slices": 1, "shape": (96, 128)}
    one, again = (make_spine_phantoms(3, random_state=5, **options) for _ in range(2))
    np.testing.assert_array_equal(one.images, again.images)
    other = make_spine_phantoms(3, random_state=6, **options)
    assert (one.images != other.images).any()
    t2 = make_spine_phantoms(3, sequences=("T2",), random_state=5, **options)
    assert t2.images.shape == (3, 96, 128, 1)
    np.testing.assert_array_equal(t2.masks, one.masks)


def test_canal_lies_off_centre_within_the_limits():
    still = make_spine_phantoms(4, n_slices=1, max_shift=0, max_rotation=0, random_state=0)
    moved = make_spine_phantoms(4, n_slices=1, max_shift=0.1, max_rotation=0, random_state=0)

    def centre(masks):
        return np.array([np.argwhere(mask > 0).mean(axis=0) for mask in masks])

    off = np.abs(centre(moved.masks) - centre(still.masks))
    assert off.max() <= 0.1 * 224 + 2
    assert off.max() > 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_patients": 2}, "n_patients must be at least 3. Got 2"),
        ({"n_slices": 0}, "n_slices must be at least 1. Got 0"),
        ({"sequences": ("T1", "FLAIR")}, "sequences must be some of.*FLAIR"),
        ({"sequences": ()}, "sequences must be some of"),
        ({"shape": (32, 224)}, "at least 64 pixels. Got \\(32, 224\\)"),
        ({"field_of_view": 0}, "field_of_view must be above 0"),
        ({"noise": -1}, "noise must be at least 0"),
    ],
)
def test_wrong_argument_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        make_spine_phantoms(**options)
