import io

import numpy as np
import pytest
from PIL import Image

from sicf.images.files._guarded import Fault
from sicf.images.files._jpeg_frame import JPEGSize, check_jpeg_frame, jpeg_size


@pytest.fixture
def frame():
    """A JPEG of 40 rows and 56 columns, by Pillow."""
    file = io.BytesIO()
    Image.fromarray(np.zeros((40, 56), np.uint8)).save(file, "JPEG")
    return file.getvalue()


def test_size_is_what_pillow_wrote(frame):
    assert jpeg_size(frame) == JPEGSize(40, 56, 1, 8, is_ls=False)
    check_jpeg_frame(frame, rows=40, columns=56, samples=1, allocated=8)


@pytest.mark.parametrize(
    "header",
    [
        {"rows": 41, "columns": 56, "samples": 1, "allocated": 8},
        {"rows": 56, "columns": 40, "samples": 1, "allocated": 8},
        {"rows": 40, "columns": 56, "samples": 3, "allocated": 8},
        {"rows": 40, "columns": 56, "samples": 1, "allocated": 16},
    ],
)
def test_another_size_is_told(frame, header):
    with pytest.raises(Fault, match="has 40 x 56 pixels of 1 x 8 bits, and its header says"):
        check_jpeg_frame(frame, **header)


def test_what_gives_no_size(frame):
    start = frame.index(b"\xff\xc0")
    for content, message in [
        (b"", "is not the JPEG that its header says"),
        (frame[2:], "is not the JPEG that its header says"),
        (frame[:30], "It gives it 0 times"),
        (
            frame[:start] + frame[start : start + 13] * 2 + frame[start + 13 :],
            "It gives it 2 times",
        ),
        (frame[:20] + b"\0" + frame[21:], "is damaged"),
    ]:
        with pytest.raises(Fault, match=message):
            jpeg_size(content)


def test_padding_before_a_marker_is_passed_over(frame):
    start = frame.index(b"\xff\xc0")
    assert jpeg_size(frame[:start] + b"\xff\xff" + frame[start:]).rows == 40
