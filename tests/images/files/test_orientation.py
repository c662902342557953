"""A scan is one scan however its file stores it: no orientation is special."""

from itertools import permutations, product

import nibabel
import numpy as np
import pytest
from nibabel.orientations import inv_ornt_aff, ornt_transform

from sicf.images.files._guarded import Fault
from sicf.images.files._open_scan import open_scan
from sicf.images.files._orientation import PLANES, check_affine, cut, plane_of, to_lps
from sicf.images.files._slice_policy import take_picture

# All 48 ways to order and to flip three axes.
ORIENTATIONS = [
    np.column_stack([order, flips])
    for order in permutations(range(3))
    for flips in product((1, -1), repeat=3)
]
LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


@pytest.fixture
def affine():
    """Of LPS+, oblique by a few degrees, with voxels of three sizes."""
    angle = np.deg2rad(7)
    turn = np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    )
    affine = np.eye(4)
    affine[:3, :3] = turn * [0.5, 0.75, 3]
    affine[:3, 3] = [-10, 20, 5]
    return affine


def expected_pictures(volume):
    """Written by hand: volume[x, y, z] with x to left, y to posterior, z to superior."""
    return {
        "axial": np.array([[volume[x, y, 2] for x in range(20)] for y in range(24)]),
        "coronal": np.array([[volume[x, 2, z] for x in range(20)] for z in reversed(range(7))]),
        "sagittal": np.array([[volume[2, y, z] for y in range(24)] for z in reversed(range(7))]),
    }


@pytest.mark.parametrize("orientation", ORIENTATIONS, ids=lambda o: str(o.tolist()))
def test_all_48_orientations_give_the_same_pictures(volume, affine, orientation, tmp_path):
    lps = np.column_stack([range(3), np.ones(3)])
    turned = nibabel.Nifti1Image(volume, LPS_TO_RAS @ affine)
    change = ornt_transform(lps, orientation)
    stored = nibabel.orientations.apply_orientation(volume, change)
    moved = LPS_TO_RAS @ affine @ inv_ornt_aff(change, volume.shape)
    nibabel.save(nibabel.Nifti1Image(stored, moved), tmp_path / "scan.nii.gz")
    scan = open_scan(tmp_path / "scan.nii.gz")
    np.testing.assert_array_equal(scan.pixels, np.asarray(turned.dataobj))
    np.testing.assert_allclose(scan.affine, affine, atol=1e-4)
    for plane, picture in expected_pictures(volume).items():
        taken = take_picture(scan, plane, 2)
        np.testing.assert_array_equal(taken.pixels, picture)
        assert plane_of(taken) == plane


def test_the_place_of_each_pixel_is_kept(volume, affine, tmp_path):
    """Through any cut, a pixel's affine leads to where its voxel lies."""
    nibabel.save(nibabel.Nifti1Image(volume, LPS_TO_RAS @ affine), tmp_path / "scan.nii")
    scan = open_scan(tmp_path / "scan.nii")
    for plane, across in PLANES.items():
        picture = cut(scan, plane, 2)
        for row, column in ((0, 0), (3, 5)):
            voxel = np.argwhere(scan.pixels == picture.pixels[row, column])[0]
            assert voxel[across] == 2
            np.testing.assert_allclose(
                picture.affine @ [row, column, 0, 1], scan.affine @ [*voxel, 1]
            )


def test_spacing_is_of_rows_and_columns(volume, affine, tmp_path):
    nibabel.save(nibabel.Nifti1Image(volume, LPS_TO_RAS @ affine), tmp_path / "scan.nii")
    scan = open_scan(tmp_path / "scan.nii")
    np.testing.assert_allclose(cut(scan, "axial", 0).spacing, (0.75, 0.5), rtol=1e-5)
    np.testing.assert_allclose(cut(scan, "coronal", 0).spacing, (3, 0.5), rtol=1e-5)
    np.testing.assert_allclose(cut(scan, "sagittal", 0).spacing, (3, 0.75), rtol=1e-5)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ([np.nan, 0, 0, 0], "not finite"),
        ([0, 0, 0, 0], "larger than 0 mm"),
        ([0, 1, 0, 0], "lie in one plane"),
    ],
)
def test_affine_that_says_nothing_is_refused(column, message):
    affine = np.eye(4)
    affine[:, 0] = column
    with pytest.raises(Fault, match=message):
        check_affine(affine)


def test_oblique_voxels_are_turned_and_not_resampled(volume):
    """At 40 degrees the nearest axes are still found, and every voxel is kept as it is."""
    angle = np.deg2rad(40)
    affine = np.eye(4)
    affine[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    pixels, moved = to_lps(volume[::-1], affine)
    np.testing.assert_array_equal(pixels, volume[::-1])
    np.testing.assert_array_equal(moved, affine)
