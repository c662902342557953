import numpy as np
import pytest
from scipy import ndimage
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sicf import MRIAugmenter

OFF = dict.fromkeys(("flip_horizontal", "flip_vertical", "rotate", "scale", "noise"), 0)


def only(**parameters):
    """An augmenter that does nothing but what is named."""
    return MRIAugmenter(**(OFF | {"random_state": 0} | parameters))


@pytest.fixture
def X(rng):
    """Smooth pictures in two sequences."""
    coarse = rng.random((4, 10, 9, 2))
    smooth = np.stack([ndimage.zoom(image, (5, 5, 1), order=1) for image in coarse])
    return np.rint(smooth * 255).astype(np.uint8)


@pytest.mark.parametrize(("name", "axis"), [("flip_horizontal", 2), ("flip_vertical", 1)])
def test_flips_are_numpys_for_every_sequence_and_the_mask(X, name, axis):
    variants, source = only(mask=1, **{name: 1}).augment(X)
    np.testing.assert_array_equal(variants, np.flip(X, axis))
    assert source.tolist() == [0, 1, 2, 3]


def test_nothing_leaves_every_bit_alone_and_never_shares_memory(X, rng):
    for kept in (X, X.astype(np.float64) / 7, X > 100, X.astype(np.int64) - 50):
        variants, _ = only().augment(kept)
        np.testing.assert_array_equal(variants, kept)
        assert variants.dtype == kept.dtype
        assert not np.shares_memory(variants, kept)


def test_rotation_is_that_of_scipy(X):
    """SciPy's own rotation by the angle that the seed gives, away from the border."""
    plane = X[:1, :, :, 0].astype(np.float32)
    turned = only(rotate=1).augment(plane)[0][0]
    errors = {}
    for angle in np.arange(-10, 10.05, 0.1):
        expected = ndimage.rotate(plane[0], angle, reshape=False, order=1, mode="mirror")
        errors[angle] = np.abs(expected - turned)[8:-8, 8:-8].max()
    best = min(errors, key=errors.get)
    assert errors[best] < 4
    assert abs(best) > 0.5
    assert errors[best] < 0.2 * errors[min(errors, key=lambda angle: abs(angle + best))]


def test_angles_fill_their_range_and_no_more():
    """A bright pixel far from the centre says by how much it was turned, and which way."""
    plane = np.zeros((1, 101, 101), np.float32)
    plane[0, 48:53, 88:93] = 1
    variants, _ = only(rotate=1, degrees=10).augment(plane, copies=300)
    centres = np.array([ndimage.center_of_mass(variant) for variant in variants]) - 50
    angles = np.degrees(np.arctan2(-centres[:, 0], centres[:, 1]))
    assert np.abs(angles).max() <= 10.1
    assert angles.min() < -9
    assert angles.max() > 9


def test_mask_is_moved_with_the_picture_and_keeps_its_labels(rng):
    """The mask is the picture's own bright part: afterwards it still is."""
    image = np.zeros((1, 80, 70, 3), np.int32)
    image[0, 20:45, 30:60, :2] = 1000
    image[0, 20:45, 30:60, 2] = 7
    both = only(rotate=1, flip_horizontal=0.5, flip_vertical=0.5, scale=1, noise=1, mask=2)
    variants, _ = both.augment(image, copies=20)
    for variant in variants:
        assert set(np.unique(variant[..., 2])) == {0, 7}
        bright = variant[..., 0] > 500
        assert ((variant[..., 2] == 7) != bright).mean() < 0.02
    assert len({variant[..., 2].tobytes() for variant in variants}) > 15


def test_sequences_are_moved_and_scaled_alike(X):
    twice = np.repeat(X[..., :1], 2, axis=3)
    variants, _ = only(rotate=1, flip_vertical=0.5, scale=1).augment(twice, copies=5)
    np.testing.assert_array_equal(variants[..., 0], variants[..., 1])
    noisy, _ = only(noise=1).augment(twice)
    assert not np.array_equal(noisy[..., 0], noisy[..., 1])


def test_factor_and_sigma_lie_in_their_ranges_on_the_scale_of_the_picture():
    grey = np.full((300, 64, 64), 100, np.uint8)
    factors = only(scale=1, factors=(0.9, 1.1)).augment(grey)[0].mean(axis=(1, 2)) / 100
    assert (factors.min(), factors.max()) == pytest.approx((0.9, 1.1), abs=0.011)
    sigmas = only(noise=1).augment(grey)[0].std(axis=(1, 2)) / 255
    assert 0.0095 < sigmas.min() < 0.012
    assert 0.048 < sigmas.max() < 0.0525
    assert np.abs(only(noise=1).augment(grey)[0].mean(axis=(1, 2)) - 100).max() < 1


def test_flips_come_as_often_as_asked(X):
    image = X[:1]
    variants, _ = only(flip_horizontal=0.2).augment(image, copies=500)
    share = np.mean([np.array_equal(variant, image[0, :, ::-1]) for variant in variants])
    assert share == pytest.approx(0.2, abs=0.06)


def test_same_scene_at_any_depth_gets_the_same_variants(X):
    """As the rest of the library: the scale of what is not eight bits is the picture's own."""
    scene = X[..., 0].astype(np.float64)
    scene = (scene - scene.min((1, 2), keepdims=True)) / np.ptp(scene, axis=(1, 2), keepdims=True)
    augmenter = MRIAugmenter(random_state=3)
    expected, _ = augmenter.augment(scene)
    for stored, width in (
        (np.rint(scene * 4095).astype(np.uint16), 4095),
        (np.float32(scene * 500 - 100), 500),
        (np.rint(scene * 30000 - 15000).astype(np.int16), 30000),
    ):
        variants, _ = augmenter.augment(stored)
        assert variants.dtype == stored.dtype
        low = stored.min((1, 2), keepdims=True).astype(float)
        np.testing.assert_allclose((variants - low) / width, expected, atol=1e-3)
        assert (variants.min() >= stored.min()) & (variants.max() <= stored.max())


def test_one_seed_one_result_whatever_the_workers_and_the_company(X):
    augmenter = MRIAugmenter(random_state=5)
    variants, source = augmenter.augment(X, copies=3)
    assert source.tolist() == [0, 1, 2, 3] * 3
    for other in (clone(augmenter), clone(augmenter).set_params(n_jobs=2)):
        np.testing.assert_array_equal(other.augment(X, copies=3)[0], variants)
    alone, _ = augmenter.augment(X[2:3], numbers=[2], first_copy=1)
    np.testing.assert_array_equal(alone[0], variants[4 + 2])
    assert not np.array_equal(augmenter.augment(X[2:3])[0][0], variants[2])
    assert not np.array_equal(MRIAugmenter(random_state=6).augment(X)[0], variants[:4])


def test_without_a_seed_each_call_draws_anew(X):
    augmenter = MRIAugmenter()
    assert not np.array_equal(augmenter.augment(X)[0], augmenter.augment(X)[0])
    first, second = (MRIAugmenter(random_state=np.random.RandomState(1)) for _ in range(2))
    np.testing.assert_array_equal(first.augment(X)[0], second.augment(X)[0])


def test_lists_of_different_sizes_and_read_only_pictures(X):
    pictures = [X[0, :, :, 0], X[1, :-3, :, 0], X[2, :, :, 0].astype(np.float32)]
    for picture in pictures:
        picture.setflags(write=False)
    before = [picture.copy() for picture in pictures]
    variants, source = MRIAugmenter(random_state=0).augment(pictures, copies=2)
    assert [v.shape for v in variants] == [p.shape for p in pictures] * 2
    assert [v.dtype for v in variants] == [p.dtype for p in pictures] * 2
    assert source.tolist() == [0, 1, 2, 0, 1, 2]
    for old, picture in zip(before, pictures, strict=True):
        np.testing.assert_array_equal(old, picture)


def test_nan_is_filled_where_asked(X):
    broken = X.astype(np.float32)
    broken[1, 3, 3, 0] = np.nan
    with pytest.raises(ValueError, match="Image 1 has 1 non-finite"):
        MRIAugmenter().augment(broken)
    variants, _ = only(fill_nan=0).augment(broken)
    np.testing.assert_array_equal(variants, np.nan_to_num(broken))


def test_a_pipeline_that_holds_it_as_a_step_says_what_to_do(X):
    with pytest.raises(TypeError, match="is no step of a Pipeline.*AugmentedFit"):
        make_pipeline(MRIAugmenter(), LogisticRegression()).fit(X, [0, 1, 0, 1])


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"flip_vertical": 1.5}, ValueError, "flip_vertical must lie in 0 to 1. Got 1.5"),
        ({"noise": "often"}, TypeError, "noise must be a number. Got 'often'"),
        ({"degrees": -5}, ValueError, "degrees must lie in 0 to 180. Got -5"),
        ({"sigmas": 0.05}, ValueError, "sigmas must be the lowest and the highest. Got 0.05"),
        ({"sigmas": (0.05, 0.01)}, ValueError, "sigmas must not fall"),
        ({"factors": (-1, 1)}, ValueError, "factors must lie in 0 to"),
        ({"mask": 2}, ValueError, "mask must name one of the 2 channel"),
        ({"random_state": -1}, ValueError, "Seed must be between 0"),
    ],
)
def test_wrong_parameter_is_named(X, parameters, error, message):
    with pytest.raises(error, match=message):
        MRIAugmenter(**parameters).augment(X)


def test_wrong_numbers_and_copies_are_named(X):
    augmenter = MRIAugmenter(random_state=0)
    with pytest.raises(ValueError, match="copies must be at least 1. Got 0"):
        augmenter.augment(X, copies=0)
    with pytest.raises(ValueError, match=r"numbers must be 4 whole number\(s\).*Got \[1, 2\]"):
        augmenter.augment(X, numbers=[1, 2])
    with pytest.raises(ValueError, match="first_copy must be at least 0. Got -1"):
        augmenter.augment(X, first_copy=-1)
