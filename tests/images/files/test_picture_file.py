import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image

from sicf import ReadImages
from sicf.images.files._open_scan import open_scan


@pytest.fixture
def labels():
    """More columns than rows; labels 0 to 3."""
    return (np.arange(70 * 110) // 1000 % 4).astype(np.uint8).reshape(70, 110)


@pytest.mark.parametrize("suffix", [".png", ".PNG", ".tif", ".tiff", ".bmp", ".npy"])
def test_large_picture_is_rows_by_columns(tmp_path, suffix):
    picture = (np.arange(700 * 1100) % 251).astype(np.uint8).reshape(700, 1100)
    path = tmp_path / f"a{suffix}"
    if suffix == ".npy":
        np.save(path, picture)
    else:
        Image.fromarray(picture).save(path)
    np.testing.assert_array_equal(open_scan(path).pixels, picture)
    assert ReadImages().fit_transform([path]).shape == (1, 700, 1100)


def test_byte_order_is_the_machines(tmp_path):
    deep = np.arange(20 * 30, dtype=">u2").reshape(20, 30)
    np.save(tmp_path / "a.npy", deep)
    Image.fromarray(deep.astype(np.uint16)).save(tmp_path / "a.tif")
    for name in ("a.npy", "a.tif"):
        scan = open_scan(tmp_path / name)
        np.testing.assert_array_equal(scan.pixels, deep)
        assert scan.pixels.dtype == np.uint16


def test_kind_is_told_by_content_among_pictures(tmp_path, labels):
    Image.fromarray(labels).save(tmp_path / "a.bmp")
    path = (tmp_path / "a.bmp").rename(tmp_path / "a.png")
    np.testing.assert_array_equal(open_scan(path).pixels, labels)


def test_formats_that_are_not_asked_for_stay_shut(tmp_path, labels):
    """Pillow reads forty formats, one of them by running a program."""
    Image.fromarray(labels).save(tmp_path / "a.gif")
    path = (tmp_path / "a.gif").rename(tmp_path / "a.png")
    with pytest.raises(ValueError, match="a.png cannot be read as a picture"):
        open_scan(path)


def test_masks_keep_their_labels(tmp_path, labels):
    Image.fromarray(labels).save(tmp_path / "grey.png")
    palette = Image.fromarray(labels).convert("P")
    palette.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255])
    palette.save(tmp_path / "palette.png")
    palette.convert("RGB").save(tmp_path / "colour.png")
    np.testing.assert_array_equal(open_scan(tmp_path / "grey.png", is_mask=True).pixels, labels)
    coloured = np.array([0, 76, 150, 29])[labels]
    for name in ("palette.png", "colour.png"):
        read = open_scan(tmp_path / name, is_mask=True).pixels
        np.testing.assert_allclose(read, coloured, atol=1)
        assert len(np.unique(read)) == 4


def test_masks_that_would_lose_their_labels_are_refused(tmp_path, labels):
    Image.fromarray(labels * 60).save(tmp_path / "a.jpg")
    open_scan(tmp_path / "a.jpg")
    with pytest.raises(ValueError, match="a.jpg cannot be read.*JPEG blurs the labels of a mask"):
        open_scan(tmp_path / "a.jpg", is_mask=True)
    alike = np.zeros((20, 20, 3), np.uint8)
    alike[:5], alike[5:9] = (76, 76, 76), (255, 0, 0)
    Image.fromarray(alike).save(tmp_path / "a.png")
    with pytest.raises(ValueError, match="its 3 colours have 2 luminances"):
        open_scan(tmp_path / "a.png", is_mask=True)


def test_header_of_a_bomb_is_refused_before_it_goes_off(tmp_path):
    def chunk(kind, content):
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0))
    content = chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + content)
    with pytest.raises(ValueError, match="a.png cannot be read as a picture"):
        open_scan(tmp_path / "a.png")
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 10_000, 10_000, 8, 0, 0, 0, 0))
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + content)
    with pytest.raises(ValueError, match="it promises 100000000 pixels, as a damaged header does"):
        open_scan(tmp_path / "a.png")


def test_chunk_that_asks_for_four_gigabytes(tmp_path, labels):
    Image.fromarray(labels).save(tmp_path / "a.png")
    raw = (tmp_path / "a.png").read_bytes()
    tracemalloc.start()
    try:
        for kind in (b"IDAT", b"IEND"):
            at = raw.index(kind) - 4
            for length in (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xf0"):
                (tmp_path / "a.png").write_bytes(raw[:at] + length + b"tEXt" + raw[at + 8 :])
                with pytest.raises(ValueError, match="a.png cannot be read as a picture"):
                    open_scan(tmp_path / "a.png")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2**25


def test_array_that_promises_too_much(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((20, 30)))
    raw = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(raw.replace(b"(20, 30), }    ", b"(20000, 30000)}"))
    with pytest.raises(ValueError, match="a.npy cannot be read as a picture"):
        open_scan(tmp_path / "a.npy")
    (tmp_path / "a.npy").write_bytes(raw[:6] + b"\x02\x00" + b"\xff" * 4 + raw[12:])
    with pytest.raises(ValueError, match="promises a header of 4294967295 bytes and holds 4928"):
        open_scan(tmp_path / "a.npy")


@pytest.mark.parametrize(
    "array", [np.zeros((0, 20)), np.zeros(20), np.zeros((2, 2, 2, 2)), np.zeros((20, 20), complex)]
)
def test_array_that_is_no_picture(tmp_path, array):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(ValueError, match="a.npy cannot be read as a picture"):
        open_scan(tmp_path / "a.npy")


def test_what_was_read_is_in_memory(tmp_path):
    """A file may change after it was read."""
    np.save(tmp_path / "a.npy", np.zeros((20, 30)))
    pixels = open_scan(tmp_path / "a.npy").pixels
    np.save(tmp_path / "a.npy", np.ones((20, 30)))
    assert pixels.max() == 0
    assert pixels.flags.writeable
    assert not isinstance(pixels, np.memmap)
