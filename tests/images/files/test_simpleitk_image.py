"""SimpleITK is the oracle: it has LPS+ of its own, and a reader of each format."""

import nibabel
import numpy as np
import pytest

from sicf.images.files._grids import check_one_grid
from sicf.images.files._open_scan import open_scan

SimpleITK = pytest.importorskip("SimpleITK")
SCANS = ["mt/mt0", "mt/t1w", "t1/t1w", "t2/t2", "t2/t2_fake_lesion", "t2s/t2s"]


@pytest.mark.real_data
@pytest.mark.parametrize("name", SCANS)
def test_nifti_lies_where_simpleitk_says(data_folder, name):
    path = data_folder / "sct_nifti" / f"{name}.nii.gz"
    ours = open_scan(path)
    oracle = SimpleITK.DICOMOrient(SimpleITK.ReadImage(path), "LPS")
    theirs = SimpleITK.GetArrayFromImage(oracle).transpose(2, 1, 0)
    np.testing.assert_allclose(ours.pixels, theirs, rtol=1e-6)
    for voxel in ((0, 0, 0), tuple(side - 1 for side in ours.pixels.shape)):
        place = oracle.TransformIndexToPhysicalPoint(voxel)
        np.testing.assert_allclose((ours.affine @ [*voxel, 1])[:3], place, atol=1e-3)


@pytest.mark.real_data
@pytest.mark.parametrize("name", SCANS)
def test_image_in_memory_is_the_file(data_folder, name):
    path = data_folder / "sct_nifti" / f"{name}.nii.gz"
    from_file, in_memory = open_scan(path), open_scan(SimpleITK.ReadImage(path))
    np.testing.assert_allclose(from_file.pixels, in_memory.pixels, rtol=1e-6)
    check_one_grid(from_file, in_memory)


def test_series_of_dicom_is_what_simpleitk_reads(write_series, tmp_path, rng):
    """Written head first, with pixels that are not square and rows that are not columns."""
    slices = rng.integers(0, 4000, size=(6, 30, 44)).astype(np.uint16)
    folder = write_series(tmp_path / "series", slices, np.arange(6) * -2.5)
    names = SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder))
    oracle = SimpleITK.ReadImage(names)
    ours = open_scan(folder)
    np.testing.assert_array_equal(
        ours.pixels, SimpleITK.GetArrayFromImage(oracle).transpose(2, 1, 0)
    )
    for voxel in ((0, 0, 0), (43, 29, 5)):
        place = oracle.TransformIndexToPhysicalPoint(voxel)
        np.testing.assert_allclose((ours.affine @ [*voxel, 1])[:3], place, atol=1e-4)


def test_picture_of_two_dimensions(rng):
    pixels = rng.random((30, 44)).astype(np.float32)
    image = SimpleITK.GetImageFromArray(pixels)
    image.SetSpacing((0.5, 2.0))
    scan = open_scan(image)
    np.testing.assert_array_equal(scan.pixels, pixels)
    assert (scan.layout, scan.spacing) == ("picture", (2.0, 0.5))


def test_volume_of_four_dimensions(rng):
    stacked = rng.random((3, 4, 5, 6)).astype(np.float32)
    image = SimpleITK.JoinSeries([SimpleITK.GetImageFromArray(each) for each in stacked])
    with pytest.raises(ValueError, match="holds 3 volumes; choose one by volume="):
        open_scan(image)
    np.testing.assert_array_equal(open_scan(image, volume=-1).pixels, stacked[2].T)


def test_pixels_are_the_users_no_more(rng):
    """The image in memory may change or go; what was read stays."""
    image = SimpleITK.GetImageFromArray(np.zeros((20, 20, 3)))
    scan = open_scan(image)
    image += 1
    del image
    assert scan.pixels.max() == 0


def test_colour_is_refused():
    image = SimpleITK.GetImageFromArray(np.zeros((20, 20, 3), np.uint8), isVector=True)
    with pytest.raises(ValueError, match="its first cannot be read.*must hold 1 number. Got 3"):
        open_scan(image, name="its first")


def test_nibabel_and_simpleitk_agree(volume, tmp_path):
    affine = np.diag([-0.5, -0.75, 3, 1])
    path = tmp_path / "scan.nii.gz"
    nibabel.save(nibabel.Nifti1Image(volume, affine), path)
    scans = [open_scan(source) for source in (path, nibabel.load(path), SimpleITK.ReadImage(path))]
    for scan in scans:
        np.testing.assert_array_equal(scan.pixels, volume)
        np.testing.assert_allclose(scan.affine, scans[0].affine, atol=1e-5)
