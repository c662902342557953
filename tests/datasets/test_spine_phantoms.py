import numpy as np
import pytest
from scipy.integrate import trapezoid

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
            assert trapezoid(areas, z) == pytest.approx(part.volume, rel=1e-3)
            share = max(value for key, value in LARGEST_SHARE.items() if key.startswith(name))
            assert areas.max() <= share * anatomy.sac_area * (1 + 1e-9)


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


@pytest.mark.parametrize("kind", CLASSES)
def test_cavity_lies_beside_the_tumour_and_not_round_it(kind):
    rng = np.random.default_rng(3)
    y, x = np.meshgrid(*2 * [np.arange(-20, 20, 0.25)], indexing="ij")
    seen = 0
    for _ in range(25):
        anatomy = draw_anatomy(rng)
        lesion = draw_lesion(kind, anatomy, rng)
        _, labels, _ = draw_cross_section(lesion, anatomy, 0.0, x, y, rng)
        cavity = labels == 3
        if not cavity.any():
            continue
        seen += 1
        middle = [axis[labels == 1].mean() for axis in (x, y)]
        angles = np.arctan2(y[cavity] - middle[1], x[cavity] - middle[0])
        sectors = np.histogram(angles, bins=24, range=(-np.pi, np.pi))[0]
        assert (sectors > 0).mean() < 0.9
    assert seen >= 3


@pytest.mark.parametrize("kind", CLASSES)
def test_cavity_beyond_the_tumour_ends_where_the_tumour_does(kind):
    rng = np.random.default_rng(4)
    for _ in range(50):
        anatomy = draw_anatomy(rng)
        parts = draw_lesion(kind, anatomy, rng).parts
        if parts["cavity"].peak > LARGEST_SHARE["cavity"] * anatomy.sac_area:
            inner = abs(parts["cavity"].centre) - parts["cavity"].half_length
            assert 0.69 < inner / parts["tumour"].half_length < 1.01


def test_signal_is_the_spin_echo_equation():
    tissues = np.array([[Tissue.CSF, Tissue.TUMOUR]], np.uint8)
    uptake = np.array([[0.0, 0.5]], np.float32)
    plain = signal(tissues, SEQUENCES["T1"], RELAXATION, uptake)[0]
    enhanced = signal(tissues, SEQUENCES["T1ce"], RELAXATION, uptake)[0]
    assert plain[0] == pytest.approx((1 - np.exp(-600 / 4000)) * np.exp(-10 / 1500), rel=1e-5)
    t1 = 1 / (1 / 1500 + 3.7 * 0.5 / 1000)
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
    np.testing.assert_array_equal(t2.images[..., 0], one.images[..., 1])
    turned = make_spine_phantoms(3, sequences=("T1ce", "T1"), random_state=5, **options)
    np.testing.assert_array_equal(turned.images, one.images[..., [2, 0]])


def test_air_shows_the_noise_that_was_asked_for():
    """A magnitude of pure noise is Rayleigh: its deviation is 0.52 of its mean."""
    quiet, loud = (
        make_spine_phantoms(3, n_slices=1, noise=noise, random_state=0, max_shift=0, bias=0)
        for noise in (0, 0.05)
    )
    air = np.median(quiet.images, axis=0)[:24, :24] == 0
    assert air.all()
    corner = loud.images[:, :24, :24].astype(float)
    ratio = corner.std(axis=(1, 2)) / corner.mean(axis=(1, 2))
    np.testing.assert_allclose(ratio, np.sqrt(4 / np.pi - 1), rtol=0.08)


def test_neck_and_coil_are_the_patients_own():
    """Away from the canal, two slices of a patient differ by noise and grain, patients by more."""
    data = make_spine_phantoms(3, n_slices=2, noise=0, random_state=0)
    first, second, other = (data.images[i, 150:, :, 0].astype(float) for i in (0, 1, 2))
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.95
    assert np.corrcoef(first.ravel(), other.ravel())[0, 1] < 0.9


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
        ({"n_patients": 2}, "n_patients == 2, must be >= 3"),
        ({"n_patients": 3.5}, "n_patients must be an instance of int"),
        ({"n_slices": 0}, "n_slices == 0, must be >= 1"),
        ({"sequences": ("T1", "FLAIR")}, "sequences must be different ones of.*FLAIR"),
        ({"sequences": ()}, "sequences must be different ones of"),
        ({"sequences": None}, "sequences must be different ones of.*Got None"),
        ({"sequences": "T1"}, "sequences must be different ones of.*Got 'T1'"),
        ({"sequences": ("T1", "T1")}, "sequences must be different ones of"),
        ({"shape": (32, 224)}, r"at least 64 pixels. Got \(32, 224\)"),
        ({"shape": 224}, "shape must be rows and columns"),
        ({"shape": (224.0, 224)}, "shape must be a number of pixels, or rows and columns"),
        ({"field_of_view": 20}, "field_of_view must lie between 100 and 500. Got 20"),
        ({"noise": -1}, "noise must lie between 0 and 1. Got -1"),
        ({"noise": np.nan}, "noise must lie between 0 and 1. Got nan"),
        ({"bias": np.inf}, "bias must lie between 0 and 2. Got inf"),
        ({"max_shift": -0.1}, "max_shift must lie between 0 and 0.2. Got -0.1"),
        ({"max_rotation": "6"}, "max_rotation must lie between 0 and 45. Got '6'"),
    ],
)
def test_wrong_argument_is_named(options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make_spine_phantoms(**options)


def test_lesion_is_in_the_picture_at_the_limits():
    data = make_spine_phantoms(
        12, n_slices=1, field_of_view=100, max_shift=0.2, max_rotation=45, random_state=1
    )
    assert (data.masks == 1).any(axis=(1, 2)).all()
    edges = np.concatenate([data.masks[:, [0, -1]].ravel(), data.masks[:, :, [0, -1]].ravel()])
    assert not (edges == 1).any()
