import gzip
import tracemalloc

import nibabel
import numpy as np
import pytest

from sicf.images.files._open_scan import open_scan

AFFINE = np.diag([-0.5, -0.75, 3, 1])


@pytest.fixture
def save(tmp_path):
    def save(image, name="scan.nii"):
        nibabel.save(image, tmp_path / name)
        return tmp_path / name

    return save


@pytest.mark.parametrize(
    "dtype", ["u1", "i1", "<i2", ">i2", "<u2", "<i4", ">f4", "<f4", "<f8", ">f8", "<i8"]
)
@pytest.mark.parametrize("name", ["scan.nii", "scan.nii.gz", "SCAN.NII.GZ"])
def test_depth_is_kept_in_the_machines_byte_order(save, volume, dtype, name):
    stored = (volume % 100).astype(dtype)
    image = nibabel.Nifti1Image(stored, AFFINE, dtype=dtype)
    image.header.set_data_dtype(dtype)
    scan = open_scan(save(image, name))
    np.testing.assert_array_equal(scan.pixels, stored)
    assert scan.pixels.dtype == np.dtype(dtype).newbyteorder("=")


def test_byte_order_of_the_header(save, volume):
    header = nibabel.Nifti1Header(endianness=">")
    image = nibabel.Nifti1Image(volume, AFFINE, header)
    np.testing.assert_array_equal(open_scan(save(image)).pixels, volume)


@pytest.mark.parametrize(
    ("dtype", "expected"), [(np.int16, np.float32), (np.uint8, np.float32), (np.int32, np.float64)]
)
def test_scaled_numbers_are_as_small_as_exact(save, volume, dtype, expected):
    image = nibabel.Nifti1Image((volume % 100).astype(dtype), AFFINE)
    image.header.set_slope_inter(0.5, -3)
    path = save(image)
    raw = bytearray(path.read_bytes())
    raw[112:120] = np.array([0.5, -3], "<f4").tobytes()
    path.write_bytes(raw)
    scan = open_scan(path)
    stored = np.asarray(nibabel.load(path).dataobj.get_unscaled())
    np.testing.assert_array_equal(scan.pixels, stored * 0.5 - 3)
    assert scan.pixels.dtype == expected


@pytest.mark.parametrize(("unit", "factor"), [("mm", 1), ("meter", 1000), ("micron", 0.001)])
def test_places_are_in_millimetres(save, volume, unit, factor):
    image = nibabel.Nifti1Image(volume, AFFINE)
    image.header.set_xyzt_units(unit)
    np.testing.assert_allclose(
        np.diag(open_scan(save(image)).affine), [0.5 * factor, 0.75 * factor, 3 * factor, 1]
    )


def test_axes_that_hold_nothing_more(save, volume):
    for shape in ((*volume.shape, 1), (*volume.shape, 1, 1)):
        scan = open_scan(save(nibabel.Nifti1Image(volume.reshape(shape), AFFINE)))
        np.testing.assert_array_equal(scan.pixels, volume)


def test_volumes_along_the_fifth_axis(save, volume):
    stacked = np.stack([volume, volume + 1], axis=-1)[:, :, :, None]
    path = save(nibabel.Nifti1Image(stacked, AFFINE))
    np.testing.assert_array_equal(open_scan(path, volume=1).pixels, volume + 1)


@pytest.mark.parametrize(
    ("voxels", "message"),
    [
        (np.zeros((4, 5, 6, 2, 2), np.int16), "volumes must lie along one axis"),
        (np.zeros((4, 5, 6), np.complex64), "voxels must have a real dtype. Got complex64"),
        (np.zeros(7, np.int16), "2 or more axes"),
    ],
)
def test_what_is_no_volume_is_refused(save, voxels, message):
    path = save(nibabel.Nifti1Image(voxels, AFFINE))
    with pytest.raises(ValueError, match=f"scan.nii cannot be read as NIfTI: .*{message}"):
        open_scan(path)


def test_colour_is_refused(save):
    colour = np.zeros((4, 5, 6), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    with pytest.raises(ValueError, match="voxels must have a real dtype"):
        open_scan(save(nibabel.Nifti1Image(colour, AFFINE)))


def test_header_that_promises_too_much(save, volume):
    """Two terabytes, by nine bytes of a file of some kilobytes; packed and not."""
    path = save(nibabel.Nifti1Image(volume, AFFINE))
    raw = bytearray(path.read_bytes())
    raw[42:48] = np.array([10_000] * 3, "<i2").tobytes()
    path.write_bytes(raw)
    with pytest.raises(ValueError, match="promises 2000000000000 bytes of voxels and holds 7072"):
        open_scan(path)
    packed = path.with_suffix(".nii.gz")
    packed.write_bytes(gzip.compress(raw))
    with pytest.raises(ValueError, match="promises 2000000000000 bytes of voxels and holds"):
        open_scan(packed)


@pytest.mark.parametrize("packed", [False, True])
def test_extension_that_asks_for_two_gigabytes(save, volume, packed):
    image = nibabel.Nifti1Image(volume, AFFINE)
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension(6, b"a comment"))
    path = save(image)
    np.testing.assert_array_equal(open_scan(path).pixels, volume)
    raw = bytearray(path.read_bytes())
    raw[352:356] = (2**31 - 16).to_bytes(4, "little")
    path = path.with_suffix(".nii.gz") if packed else path
    path.write_bytes(gzip.compress(raw) if packed else raw)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="cannot be read as NIfTI"):
            open_scan(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2**25


def test_packed_volume_of_one_level_is_read(save):
    """A thousand to one is the most that gzip packs, and no reason to refuse a file."""
    empty = np.zeros((200, 200, 100), np.int16)
    path = save(nibabel.Nifti1Image(empty, AFFINE)).with_suffix(".nii.gz")
    path.write_bytes(gzip.compress(path.with_suffix("").read_bytes()))
    assert path.stat().st_size < empty.nbytes / 900
    assert open_scan(path).pixels.shape == empty.shape


def test_cut_off_empty_and_renamed(save, volume, tmp_path):
    whole = save(nibabel.Nifti1Image(volume, AFFINE)).read_bytes()
    packed = gzip.compress(whole)
    for name, content in [
        ("a.nii", whole[:-100]),
        ("a.nii", whole[:200]),
        ("a.nii", b""),
        ("a.nii", b"text" * 200),
        ("a.nii", packed),
        ("a.nii.gz", packed[:-400]),
        ("a.nii.gz", whole),
        ("a.nii.gz", b""),
    ]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match="a.nii.* cannot be read as NIfTI"):
            open_scan(tmp_path / name)


def test_nifti_2_and_other_images_in_memory(save, volume):
    scan = open_scan(save(nibabel.Nifti2Image(volume, AFFINE)))
    np.testing.assert_array_equal(scan.pixels, volume)
    other = nibabel.MGHImage(volume.astype(np.float32), AFFINE)
    np.testing.assert_array_equal(open_scan(other).pixels, volume)


def test_image_in_memory_is_not_kept_and_not_changed(volume, save):
    image = nibabel.load(save(nibabel.Nifti1Image(volume, AFFINE)))
    open_scan(image)
    assert not image.in_memory


@pytest.mark.real_data
def test_real_file_of_foreign_byte_order(data_folder):
    path = data_folder / "dicom" / "anatomical.nii"
    scan = open_scan(path)
    assert (scan.pixels.dtype, scan.pixels.shape) == (np.int16, (33, 41, 25))
    canonical = np.asarray(nibabel.as_closest_canonical(nibabel.load(path)).dataobj)
    np.testing.assert_array_equal(scan.pixels, canonical[::-1, ::-1])
