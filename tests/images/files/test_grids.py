import numpy as np
import pytest

from sicf.images.files._grids import check_one_grid, resample
from sicf.images.files._scan import FRAMES, PICTURE, VOLUME, Scan

SimpleITK = pytest.importorskip("SimpleITK")


def scan_of(pixels, affine, name="scan"):
    return Scan(pixels, VOLUME, name, affine=affine)


def affine_of(spacing, origin, degrees=0.0):
    angle = np.deg2rad(degrees)
    turn = [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    affine = np.eye(4)
    affine[:3, :3] = np.array(turn) * spacing
    affine[:3, 3] = origin
    return affine


def as_simpleitk(scan):
    image = SimpleITK.GetImageFromArray(scan.pixels.T)
    spacing = np.linalg.norm(scan.affine[:3, :3], axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetDirection((scan.affine[:3, :3] / spacing).ravel().tolist())
    image.SetOrigin(scan.affine[:3, 3].tolist())
    return image


@pytest.fixture
def smooth():
    """Smooth and asymmetric, so that a hair of a place is a hair of a value."""
    x, y, z = np.mgrid[:20, :24, :9]
    return (1000 + 200 * np.sin(x / 4) + 9 * y + 40 * np.cos(z / 2 + y / 9)).astype(np.float32)


@pytest.mark.parametrize("degrees", [0, 12])
@pytest.mark.parametrize("origin", [(1.3, -2.2, 0.7), (-8, 5, -4)])
def test_linear_as_simpleitk(smooth, degrees, origin):
    scan = scan_of(smooth, affine_of((1, 0.8, 2.5), (0, 0, 0), degrees))
    onto = scan_of(np.zeros((17, 30, 5), np.int16), affine_of((1.4, 0.7, 3), origin))
    ours = resample(scan, onto)
    theirs = SimpleITK.Resample(
        as_simpleitk(scan), as_simpleitk(onto), SimpleITK.Transform(), SimpleITK.sitkLinear, 0.0
    )
    np.testing.assert_allclose(ours.pixels, SimpleITK.GetArrayFromImage(theirs).T, atol=2e-2)
    assert ours.pixels.any()
    assert (ours.pixels == 0).any()
    np.testing.assert_array_equal(ours.affine, onto.affine)
    assert ours.pixels.dtype == np.float32


def test_nearest_as_simpleitk(rng):
    labels = rng.integers(0, 4, (20, 24, 9)).astype(np.uint8)
    scan = scan_of(labels, affine_of((1, 0.8, 2.5), (0, 0, 0)))
    onto = scan_of(np.zeros((17, 30, 5), np.int16), affine_of((1.37, 0.71, 3.1), (0.3, 0.2, 0.4)))
    theirs = SimpleITK.Resample(
        as_simpleitk(scan),
        as_simpleitk(onto),
        SimpleITK.Transform(),
        SimpleITK.sitkNearestNeighbor,
        0.0,
    )
    ours = resample(scan, onto, nearest=True)
    np.testing.assert_array_equal(ours.pixels, SimpleITK.GetArrayFromImage(theirs).T)
    assert ours.pixels.dtype == np.uint8


def test_onto_its_own_grid_nothing_changes(smooth):
    affine = affine_of((0.3, 0.7, 1.1), (17.3, -5.1, 44.2), degrees=33)
    for pixels in (smooth, smooth.astype(np.int16)):
        scan = scan_of(pixels, affine)
        again = resample(scan, scan_of(np.zeros(pixels.shape, bool), affine.copy()))
        np.testing.assert_allclose(again.pixels, pixels, rtol=1e-6)
        assert again.pixels.dtype == pixels.dtype


def test_whole_numbers_are_rounded():
    scan = scan_of(np.arange(20, dtype=np.int16).reshape(20, 1, 1) * 3, np.eye(4))
    onto = scan_of(np.zeros((19, 1, 1)), affine_of((1, 1, 1), (0.5, 0, 0)))
    expected = np.rint(np.arange(19) * 3 + 1.5)
    np.testing.assert_array_equal(resample(scan, onto).pixels.ravel(), expected)


def test_picture_onto_a_picture_in_its_plane(rng):
    pixels = rng.random((20, 30))
    fine = Scan(pixels, PICTURE, "fine", affine=np.diag([0.5, 0.5, 3, 1]))
    coarse = Scan(np.zeros((10, 15)), PICTURE, "coarse", affine=np.eye(4))
    np.testing.assert_allclose(resample(fine, coarse).pixels, pixels[::2, ::2])
    away = coarse.affine.copy()
    away[2, 3] = 9
    with pytest.raises(ValueError, match="fine and coarse lie apart: not one voxel is in both"):
        resample(fine, Scan(coarse.pixels, PICTURE, "coarse", affine=away))


def test_without_a_place_nothing_is_resampled(smooth):
    placed = scan_of(smooth, np.eye(4))
    frames = Scan(smooth, FRAMES, "frames.dcm")
    for pair in ((frames, placed), (placed, frames)):
        with pytest.raises(ValueError, match=r"say where they lie. Got a stack of .*frames.dcm"):
            resample(*pair)


def test_grids_are_compared_at_their_corners(smooth):
    affine = affine_of((0.5, 0.75, 3), (1, 2, 3))
    turned = affine_of((0.5, 0.75, 3), (1, 2, 3), degrees=0.1)
    check_one_grid(scan_of(smooth, affine), scan_of(smooth, turned))
    turned = affine_of((0.5, 0.75, 3), (1, 2, 3), degrees=1)
    with pytest.raises(ValueError, match=r"other lies up to 0.\d+ mm away from first"):
        check_one_grid(scan_of(smooth, affine, "first"), scan_of(smooth, turned, "other"))
    check_one_grid(scan_of(smooth, affine), Scan(smooth, VOLUME, "nowhere"))
    with pytest.raises(
        ValueError, match="frames is a stack of frames.*, not a volume of .* as scan"
    ):
        check_one_grid(scan_of(smooth, affine), Scan(smooth, FRAMES, "frames"))
