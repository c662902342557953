import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest

from sicf.images.files._dicom_file import is_dicom
from sicf.images.files._open_scan import open_scan
from sicf.images.files._orientation import plane_of

pydicom = pytest.importorskip("pydicom")
from pydicom.dataset import Dataset  # noqa: E402
from pydicom.sequence import Sequence  # noqa: E402
from pydicom.uid import (  # noqa: E402
    JPEG2000Lossless,
    RLELossless,
)


@pytest.fixture
def picture(rng):
    """Twelve bits, more columns than rows."""
    return rng.integers(0, 4096, size=(70, 110)).astype(np.uint16)


def test_file_of_one_frame_stays_as_stored(write_dicom, tmp_path, picture):
    scan = open_scan(write_dicom(tmp_path / "a.dcm", picture, BitsStored=12, HighBit=11))
    np.testing.assert_array_equal(scan.pixels, picture)
    assert (scan.layout, scan.pixels.dtype, scan.spacing) == ("picture", np.uint16, None)


@pytest.mark.parametrize("name", ["scan", "1.2.840.113619.2.7", "scan.IMA", "scan.dcm"])
def test_dicom_is_known_by_suffix_or_content(write_dicom, tmp_path, picture, name):
    np.testing.assert_array_equal(open_scan(write_dicom(tmp_path / name, picture)).pixels, picture)


def test_large_picture_is_rows_by_columns(write_dicom, tmp_path):
    picture = np.arange(700 * 1100, dtype=np.uint32).reshape(700, 1100)
    scan = open_scan(write_dicom(tmp_path / "a.dcm", picture, PixelSpacing=[0.5, 0.25]))
    np.testing.assert_array_equal(scan.pixels, picture)
    assert scan.spacing == (0.5, 0.25)


@pytest.mark.parametrize(
    ("slope", "intercept", "expected"), [(2, -1000, np.float32), (1, 0, np.uint16)]
)
def test_rescaled_where_the_file_says_so(
    write_dicom, tmp_path, picture, slope, intercept, expected
):
    path = write_dicom(tmp_path / "a.dcm", picture, RescaleSlope=slope, RescaleIntercept=intercept)
    scan = open_scan(path)
    np.testing.assert_array_equal(scan.pixels, slope * picture.astype(float) + intercept)
    assert scan.pixels.dtype == expected
    assert scan.rescale == {(slope, intercept)}


def test_rescaled_32_bits_stay_exact(write_dicom, tmp_path):
    picture = (2**24 + np.arange(400, dtype=np.uint32)).reshape(20, 20)
    scan = open_scan(write_dicom(tmp_path / "a.dcm", picture, RescaleSlope=1, RescaleIntercept=1))
    np.testing.assert_array_equal(scan.pixels, picture.astype(float) + 1)


@pytest.mark.parametrize("signed", [False, True])
def test_monochrome1_is_turned_over_what_the_bits_hold(write_dicom, tmp_path, signed):
    dtype, shift, ends = (np.int16, 2048, -1) if signed else (np.uint16, 0, 4095)
    picture = (np.arange(4096).reshape(64, 64) - shift).astype(dtype)
    options = {"PhotometricInterpretation": "MONOCHROME1", "BitsStored": 12, "HighBit": 11}
    scan = open_scan(write_dicom(tmp_path / "a.dcm", picture, **options))
    np.testing.assert_array_equal(scan.pixels, ends - picture)
    assert scan.pixels.dtype == dtype
    rescaled = write_dicom(
        tmp_path / "b.dcm", picture, RescaleSlope=-2, RescaleIntercept=5, **options
    )
    np.testing.assert_allclose(open_scan(rescaled).pixels, -2.0 * (ends - picture) + 5)
    windowed = open_scan(rescaled, window=(5, 400))
    plain = write_dicom(
        tmp_path / "c.dcm",
        picture,
        RescaleSlope=-2,
        RescaleIntercept=5,
        **options | {"PhotometricInterpretation": "MONOCHROME2"},
    )
    np.testing.assert_array_equal(windowed.pixels, 255 - open_scan(plain, window=(5, 400)).pixels)


def test_overlay_in_unused_bits_is_no_pixel(write_dicom, tmp_path, picture):
    overlaid = picture | 0xF000
    path = write_dicom(tmp_path / "a.dcm", overlaid, BitsStored=12, HighBit=11)
    np.testing.assert_array_equal(open_scan(path).pixels, picture)
    negative = ((picture.astype(np.int32) - 2048) & 0x0FFF).astype(np.int16)
    path = write_dicom(tmp_path / "b.dcm", negative, BitsStored=12, HighBit=11)
    np.testing.assert_array_equal(open_scan(path).pixels, picture.astype(np.int32) - 2048)


def test_window_of_the_file(write_dicom, tmp_path, picture):
    """The oracle is pydicom's own, stretched from the range of the stored bits to eight."""
    from pydicom.pixels import apply_windowing

    for function in ("LINEAR", "LINEAR_EXACT", "SIGMOID", None):
        path = write_dicom(
            tmp_path / "a.dcm",
            picture,
            BitsStored=12,
            HighBit=11,
            WindowCenter=[1500.0, 7.0],
            WindowWidth=[2000.0, 9.0],
            VOILUTFunction=function,
        )
        oracle = apply_windowing(picture, pydicom.dcmread(path)) / 4095 * 255
        scan = open_scan(path, window="file")
        assert scan.pixels.dtype == np.uint8
        np.testing.assert_allclose(scan.pixels, oracle, atol=0.5 + 1e-6)


def test_window_that_is_not_there_is_named(write_dicom, tmp_path, picture):
    path = write_dicom(tmp_path / "a.dcm", picture)
    with pytest.raises(ValueError, match="a.dcm cannot be read as DICOM: it gives no window"):
        open_scan(path, window="file")


def test_colour_becomes_grey(write_dicom, tmp_path, rng):
    from PIL import Image

    colour = rng.integers(0, 256, size=(40, 60, 3), dtype=np.uint8)
    scan = open_scan(write_dicom(tmp_path / "a.dcm", colour))
    np.testing.assert_array_equal(scan.pixels, np.array(Image.fromarray(colour).convert("L")))


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, RLELossless])
def test_compressed_without_loss(write_dicom, tmp_path, picture, syntax):
    if syntax == JPEG2000Lossless:
        pytest.importorskip("openjpeg")
    path = write_dicom(tmp_path / "a.dcm", picture, compress=syntax)
    np.testing.assert_array_equal(open_scan(path).pixels, picture)


@pytest.mark.parametrize(
    "name", ["JPEGLosslessProcess14_1", "JPEGLosslessProcess14", "JPEGLSLossless"]
)
def test_compressed_as_scanners_and_archives_do(write_dicom, transcode, tmp_path, picture, name):
    plain = write_dicom(tmp_path / "plain.dcm", picture)
    path = transcode(plain, tmp_path / "a.dcm", name)
    assert pydicom.dcmread(path).file_meta.TransferSyntaxUID.is_compressed
    np.testing.assert_array_equal(open_scan(path).pixels, picture)


@pytest.mark.parametrize("name", ["JPEGLosslessProcess14_1", "JPEGLSLossless"])
def test_frame_of_another_size_than_the_header_says(
    write_dicom, transcode, tmp_path, picture, name
):
    """Left to gdcm, this ends the process."""
    path = transcode(write_dicom(tmp_path / "plain.dcm", picture), tmp_path / "a.dcm", name)
    dataset = pydicom.dcmread(path)
    dataset.Rows = 90
    dataset.save_as(path)
    with pytest.raises(ValueError, match="has 70 x 110 pixels .*, and its header says 90 x 110"):
        open_scan(path)


def test_gdcm_is_the_last_of_the_decoders(write_dicom, tmp_path, picture, monkeypatch):
    """A damaged frame has ended the whole process in it, so it is not tried after another."""
    pytest.importorskip("openjpeg")
    from pydicom.pixels import get_decoder

    path = write_dicom(tmp_path / "a.dcm", picture, compress=JPEG2000Lossless)
    decoder = get_decoder(JPEG2000Lossless)
    tried = []
    spies = {
        name: lambda *args, name=name, decode=decode: tried.append(name) or decode(*args)
        for name, decode in decoder._available.items()
    }
    monkeypatch.setattr(decoder, "_available", spies)
    open_scan(path)
    assert tried == ["pylibjpeg"]


def test_missing_decoder_is_named_with_its_extra(write_dicom, tmp_path, picture, monkeypatch):
    from pydicom.pixels import get_decoder

    path = write_dicom(tmp_path / "a.dcm", picture, compress=RLELossless)
    monkeypatch.setattr(get_decoder(RLELossless), "_available", {})
    message = r"transfer syntax RLE Lossless need a decoder.*pip install 'sicf\[dicom\]'"
    with pytest.raises(ImportError, match=message):
        open_scan(path)


@pytest.mark.parametrize(
    ("syntax", "message"),
    [
        ("1.2.840.10008.1.2.4.102", "transfer syntax is MPEG-4 AVC/H.264 High Profile"),
        ("1.2.999.4711", "transfer syntax is a private one, which nothing here decodes"),
    ],
)
def test_syntax_that_nothing_decodes(write_dicom, tmp_path, picture, syntax, message):
    path = write_dicom(tmp_path / "a.dcm", picture, compress=RLELossless)
    raw = path.read_bytes()
    old = RLELossless.encode()
    new = syntax.encode()
    at = raw.index(old)
    # An even length, and the length of the group, as the format asks.
    padded = new + b"\0" * (len(new) % 2)
    length = len(old) + len(old) % 2
    patched = raw[: at - 2] + len(padded).to_bytes(2, "little") + padded + raw[at + length :]
    group = int.from_bytes(raw[140:144], "little") + len(padded) - length
    path.write_bytes(patched[:140] + group.to_bytes(4, "little") + patched[144:])
    with pytest.raises(ValueError, match=message):
        open_scan(path)


def test_without_pydicom_the_extra_is_named(write_dicom, tmp_path, picture, monkeypatch):
    path = write_dicom(tmp_path / "a.dcm", picture)
    monkeypatch.setitem(__import__("sys").modules, "pydicom", None)
    with pytest.raises(ImportError, match=r"needs pydicom.*pip install 'sicf\[dicom\]'"):
        open_scan(path)


# --- files of many frames


def test_frames_that_do_not_say_where_they_lie(write_dicom, tmp_path, rng):
    frames = rng.integers(0, 99, size=(5, 20, 30)).astype(np.uint16)
    scan = open_scan(write_dicom(tmp_path / "a.dcm", frames))
    assert (scan.layout, scan.affine) == ("frames", None)
    np.testing.assert_array_equal(scan.pixels, frames)


def enhanced(places, *, slopes=None, orientation=(1, 0, 0, 0, 1, 0)):
    """Functional groups of an enhanced multi-frame file, as elements."""
    shared = Dataset()
    measures, plane = Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [0.5, 0.75], 3.0
    plane.ImageOrientationPatient = list(orientation)
    shared.PixelMeasuresSequence = Sequence([measures])
    shared.PlaneOrientationSequence = Sequence([plane])
    per_frame = []
    for index, place in enumerate(places):
        groups, position = Dataset(), Dataset()
        position.ImagePositionPatient = [-10.0, -20.0, float(place)]
        groups.PlanePositionSequence = Sequence([position])
        if slopes is not None:
            scale = Dataset()
            scale.RescaleSlope, scale.RescaleIntercept = slopes[index], 0
            groups.PixelValueTransformationSequence = Sequence([scale])
        per_frame.append(groups)
    return {
        "SharedFunctionalGroupsSequence": Sequence([shared]),
        "PerFrameFunctionalGroupsSequence": Sequence(per_frame),
    }


def test_enhanced_frames_are_a_volume(write_dicom, tmp_path, rng):
    frames = rng.integers(0, 99, size=(4, 20, 30)).astype(np.uint16)
    places = [9.0, 3.0, 0.0, 6.0]
    path = write_dicom(tmp_path / "a.dcm", frames, **enhanced(places, slopes=[1, 2, 3, 4]))
    scan = open_scan(path)
    assert scan.layout == "volume"
    scaled = frames * np.arange(1, 5)[:, None, None]
    np.testing.assert_array_equal(scan.pixels, scaled[np.argsort(places)].transpose(2, 1, 0))
    np.testing.assert_allclose(scan.affine @ [1, 2, 3, 1], [-9.25, -19, 9, 1])
    assert len(scan.rescale) == 4


def test_enhanced_volumes_are_chosen(write_dicom, tmp_path, rng):
    frames = rng.integers(0, 99, size=(6, 20, 30)).astype(np.uint16)
    path = write_dicom(tmp_path / "a.dcm", frames, **enhanced([0, 3, 6, 0, 3, 6]))
    with pytest.raises(ValueError, match="holds 2 volumes; choose one by volume=, from 0 to 1"):
        open_scan(path)
    np.testing.assert_array_equal(open_scan(path, volume=1).pixels, frames[3:].transpose(2, 1, 0))
    with pytest.raises(ValueError, match="volume must lie from 0 to 1. Got 2"):
        open_scan(path, volume=2)


def test_single_enhanced_frame_is_a_picture_with_a_place(write_dicom, tmp_path, picture):
    elements = enhanced([4.0], orientation=(0, 1, 0, 0, 0, -1))
    scan = open_scan(write_dicom(tmp_path / "a.dcm", picture, **elements))
    assert (scan.layout, plane_of(scan), scan.spacing) == ("picture", "sagittal", (0.5, 0.75))


# --- folders


def test_series_is_sorted_by_place(write_series, tmp_path, rng):
    slices = rng.integers(0, 99, size=(5, 20, 30)).astype(np.uint16)
    places = [6.0, 0.0, 12.0, 3.0, 9.0]
    folder = write_series(tmp_path / "series", slices, places)
    (folder / "DICOMDIR").write_bytes(b"passed over")
    (folder / "notes.txt").write_text("passed over")
    (folder / ".DS_Store").write_bytes(b"passed over")
    scan = open_scan(folder)
    np.testing.assert_array_equal(scan.pixels, slices[np.argsort(places)].transpose(2, 1, 0))
    assert (scan.layout, scan.remarks) == ("volume", {})


def test_gap_is_remarked(write_series, tmp_path, rng):
    slices = rng.integers(0, 99, size=(5, 20, 30)).astype(np.uint16)
    folder = write_series(tmp_path / "series", slices, [0, 3, 6, 12, 15])
    assert open_scan(folder).remarks == {"gaps": 1}


def test_series_without_places_goes_by_instance_number(write_series, tmp_path, rng):
    slices = rng.integers(0, 99, size=(3, 20, 30)).astype(np.uint16)
    options = {"ImageOrientationPatient": None, "PixelSpacing": None}
    numbers = {"InstanceNumber": [7, 3, 5]}
    folder = write_series(tmp_path / "series", slices, [None] * 3, **options, **numbers)
    scan = open_scan(folder)
    assert (scan.layout, scan.remarks) == ("frames", {"by instance": 1})
    np.testing.assert_array_equal(scan.pixels, slices[[1, 2, 0]])
    folder = write_series(
        tmp_path / "none", slices, [None] * 3, **options, InstanceNumber=[1, 1, 2]
    )
    with pytest.raises(ValueError, match="say neither where they lie nor, by instance numbers"):
        open_scan(folder)


def test_series_of_volumes(write_series, tmp_path, rng):
    slices = rng.integers(0, 99, size=(6, 20, 30)).astype(np.uint16)
    folder = write_series(tmp_path / "series", slices, [0, 3, 6, 0, 3, 6])
    with pytest.raises(ValueError, match="holds 2 volumes"):
        open_scan(folder)
    np.testing.assert_array_equal(open_scan(folder, volume=0).pixels, slices[:3].transpose(2, 1, 0))
    np.testing.assert_array_equal(open_scan(folder, volume=1).pixels, slices[3:].transpose(2, 1, 0))


@pytest.mark.parametrize(
    ("places", "elements", "message"),
    [
        ([0, 3, 3], {}, r"some of its places hold 1 slice\(s\) and some 2"),
        ([0, 3, None], {}, "1 of its 3 slices do not say where they lie"),
        ([0, 0, 0], {"InstanceNumber": [1, 1, 2]}, "no instance number parts them"),
        (
            [0, 3, 6],
            {"SeriesInstanceUID": "1.2.3.4.5.6"},
            r"must hold one series. It holds 2, of 3 and 1 file\(s\)",
        ),
        ([0, 3, 6], {"ImageOrientationPatient": [0, 1, 0, 0, 0, -1]}, "in several directions"),
        ([0, 3, 6], {"PixelSpacing": [2, 2]}, "pixels of several sizes"),
    ],
)
def test_series_that_is_no_volume(write_series, tmp_path, rng, places, elements, message):
    slices = rng.integers(0, 99, size=(3, 20, 30)).astype(np.uint16)
    shared = {"SeriesInstanceUID", "ImageOrientationPatient", "PixelSpacing"} & set(elements)
    folder = write_series(tmp_path / "series", slices, places, **({} if shared else elements))
    if shared:
        other = write_series(tmp_path / "other", slices[:1], [99], **elements)
        next(other.iterdir()).rename(folder / "IM9999.dcm")
    with pytest.raises(ValueError, match=message) as caught:
        open_scan(folder)
    assert "series cannot be read as DICOM" in str(caught.value)
    assert "1.2.3" not in str(caught.value)


def test_slices_of_other_sizes_are_no_volume(write_series, write_dicom, tmp_path, rng):
    slices = rng.integers(0, 99, size=(3, 20, 30)).astype(np.uint16)
    folder = write_series(tmp_path / "series", slices)
    write_dicom(folder / "more.dcm", slices[0].T.copy(), SeriesInstanceUID="1.2.3")
    with pytest.raises(ValueError, match="its slices have 2 different sizes"):
        open_scan(folder)


def test_damaged_slice_of_a_series_is_met(write_series, tmp_path, rng):
    slices = rng.integers(0, 99, size=(3, 20, 30)).astype(np.uint16)
    folder = write_series(tmp_path / "series", slices)
    whole = (folder / "IM0001.dcm").read_bytes()
    for content in (b"", whole[:400], whole[:-100], whole.replace(b"MONOCHROME2", b"MONOCHROME9")):
        (folder / "IM0001.dcm").write_bytes(content)
        with pytest.raises(ValueError, match="series cannot be read as DICOM: in IM0001.dcm, "):
            open_scan(folder)


def test_folder_without_dicom(tmp_path):
    with pytest.raises(ValueError, match="the folder holds no DICOM file"):
        open_scan(tmp_path)


# --- damage


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        ({"Rows": 5000}, r"promises 1100000 bytes of pixels and holds 15400"),
        ({"NumberOfFrames": 90_000}, "promises .* bytes of pixels and holds 15400"),
        ({"PixelData": None}, "it holds no pixels"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "PhotometricInterpretation must be one"),
        ({"BitsAllocated": 1}, "BitsAllocated must be 8, 16 or 32. Got 1"),
        ({"RescaleSlope": 0, "RescaleIntercept": 0}, "RescaleSlope must not be 0"),
        ({"PixelSpacing": [0, 1]}, "PixelSpacing must be above 0"),
        ({"PixelSpacing": [1, 1, 1]}, r"PixelSpacing must hold 2 number\(s\)"),
        ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, "two directions at right angles"),
        ({"NumberOfFrames": 200_000}, "NumberOfFrames must be a whole number from 1 to 100000"),
        ({"Rows": None}, "it holds no pixels"),
        ({"Columns": None}, "Columns must be a whole number"),
        ({"ModalityLUTSequence": [Dataset()]}, "modality lookup table are not read"),
    ],
)
def test_headers_that_cannot_be_true(write_dicom, tmp_path, picture, elements, message):
    path = write_dicom(tmp_path / "a.dcm", picture, **elements)
    with pytest.raises(ValueError, match=message):
        open_scan(path)


def test_element_that_asks_for_four_gigabytes(write_dicom, tmp_path, picture):
    """Python makes room for what a file is asked for, before it reads."""
    path = write_dicom(tmp_path / "a.dcm", picture)
    content = path.read_bytes()
    at = content.index(b"\xe0\x7f\x10\x00OW\x00\x00") + 8
    path.write_bytes(content[:at] + b"\xf0\xff\xff\xff" + content[at + 4 :])
    tracemalloc.start()
    try:
        scan = open_scan(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    np.testing.assert_array_equal(scan.pixels, picture)
    assert peak < 2**24


def test_cut_off_empty_and_renamed(write_dicom, tmp_path, picture):
    path = write_dicom(tmp_path / "a.dcm", picture)
    whole = path.read_bytes()
    for content in (whole[:-2000], whole[:300], whole[:100], b"", b"no DICOM at all" * 50):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="a.dcm cannot be read as DICOM"):
            open_scan(path)


def test_frame_of_one_level_packs_small(write_dicom, tmp_path):
    """The guard against what a header promises lets an honest file pass that packs 4000 to 1."""
    pytest.importorskip("openjpeg")
    flat = np.full((2000, 2000), 7, np.uint16)
    path = write_dicom(tmp_path / "a.dcm", flat, compress=JPEG2000Lossless)
    assert path.stat().st_size < flat.nbytes / 2000
    np.testing.assert_array_equal(open_scan(path).pixels, flat)


# --- real files


def test_files_that_pydicom_brings():
    """Its own test files: each is what pydicom reads of it, or refused by its name."""
    folder = Path(pydicom.__file__).parent / "data" / "test_files"
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and is_dicom(path)]
    if not paths:
        pytest.skip("this pydicom brings no test files")
    n_read = sum(check_against_pydicom(path) for path in paths)
    assert 30 <= n_read < len(paths)


def check_against_pydicom(path):
    try:
        scan = open_scan(path)
    except ValueError as exc:
        assert f"{path} cannot be read as DICOM: " in str(exc)  # noqa: PT017
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(path)
        expected = dataset.pixel_array
    if dataset.SamplesPerPixel == 3:
        assert scan.pixels.shape == expected.shape[:-1]
        weights = np.array([0.299, 0.587, 0.114])
        np.testing.assert_allclose(scan.pixels, expected @ weights, atol=1)
        return True
    values = expected * float(dataset.get("RescaleSlope", 1))
    values = values + float(dataset.get("RescaleIntercept", 0))
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        assert np.corrcoef(scan.pixels.ravel(), values.ravel())[0, 1] < -0.999
        return True
    np.testing.assert_allclose(scan.pixels, values, rtol=1e-6)
    return True


def test_depth_that_no_decoder_reads_is_named(write_dicom, tmp_path, picture):
    path = write_dicom(tmp_path / "a.dcm", picture, compress=RLELossless)
    content = path.read_bytes()
    start = content.rindex(b"\xfe\xff\x00\xe0")
    path.write_bytes(content[: start + 12] + b"\xff" * 200 + content[start + 212 :])
    message = "a.dcm cannot be read as DICOM: no decoder reads its pixels .RLE Lossless."
    with pytest.raises(ValueError, match=message):
        open_scan(path)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["MR_small", "examples_overlay", "0"])
def test_real_files(data_folder, name):
    path = data_folder / "dicom" / f"{name}.dcm"
    dataset = pydicom.dcmread(path)
    scan = open_scan(path)
    np.testing.assert_array_equal(scan.pixels, dataset.pixel_array)
    assert scan.spacing == tuple(map(float, dataset.PixelSpacing))
    assert scan.remarks == ({"mosaic": 1} if name == "0" else {})
    assert plane_of(scan) == "axial"
