import base64
import io

import numpy as np
from PIL import Image

from sicf.evaluation.report._png import data_uri, png


def test_pillow_reads_back_what_was_written():
    pixels = np.random.default_rng(0).integers(0, 256, (7, 13), dtype=np.uint8)
    read = Image.open(io.BytesIO(png(pixels)))
    assert read.mode == "L"
    np.testing.assert_array_equal(np.asarray(read), pixels)


def test_address_holds_the_picture():
    pixels = np.eye(3, dtype=np.uint8)
    kind, held = data_uri(pixels).split(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(held) == png(pixels)
