"""Nothing of a patient but pixels and geometry leaves a DICOM header, by whichever way."""

import logging
import pickle
import threading
import warnings

import numpy as np
import pytest

from sicf import ReadImages
from sicf.images.files._open_scan import open_scan
from sicf.images.files._quiet import quiet

pydicom = pytest.importorskip("pydicom")
NAME, NUMBER = b"Doe^Jane", b"4711-0815"
SECRETS = ("doe^", "jane", "4711", "0815", "19330401")


@pytest.fixture
def told(caplog):
    """Everything that anybody could hear: logs of all levels, and warnings."""
    with warnings.catch_warnings(record=True) as heard, caplog.at_level(logging.DEBUG):
        warnings.simplefilter("always")
        yield lambda: " ".join([*(str(warning.message) for warning in heard), caplog.text]).lower()


def words_of(exc):
    while exc is not None:
        yield " ".join(map(str, [exc, *exc.args, *getattr(exc, "__notes__", ())])).lower()
        exc = exc.__cause__ or exc.__context__


def error_of(path, window):
    try:
        open_scan(path, window=window)
    except ValueError as exc:
        return exc
    return None


def damaged_values(content):
    """The patient's name and number written over every element that is read.

    Each 16-bit tag of the name's elements becomes, byte by byte, another tag with another type.
    """
    for text in (NAME, NUMBER):
        at = content.index(text)
        for group, element, kind in [
            (0x0028, 0x0004, b"CS"),
            (0x0028, 0x0010, b"US"),
            (0x0028, 0x0030, b"DS"),
            (0x0020, 0x0013, b"IS"),
            (0x0020, 0x0032, b"DS"),
            (0x0020, 0x0037, b"DS"),
            (0x0020, 0x000E, b"UI"),
            (0x0028, 0x1053, b"DS"),
            (0x0028, 0x0008, b"IS"),
            (0x0028, 0x1056, b"CS"),
            (0x0028, 0x1050, b"DS"),
            (0x0008, 0x0005, b"CS"),
            (0x5200, 0x9230, b"SQ"),
            (0x7FE0, 0x0010, b"OW"),
        ]:
            tag = group.to_bytes(2, "little") + element.to_bytes(2, "little") + kind
            yield content[: at - 8] + tag + content[at - 2 :]


def test_a_name_in_the_wrong_element_is_not_told(write_dicom, tmp_path, told):
    path = write_dicom(tmp_path / "a.dcm", np.ones((20, 30), np.uint16))
    refused = 0
    for content in damaged_values(path.read_bytes()):
        path.write_bytes(content)
        for window in (None, "file"):
            words = " ".join(words_of(error_of(path, window)))
            refused += bool(words)
            assert not [secret for secret in SECRETS if secret in words]
    assert refused > 10
    assert not [secret for secret in SECRETS if secret in told()]


def test_identity_is_not_even_parsed(write_dicom, tmp_path, monkeypatch):
    """Whatever else the header holds, the readers ask for a list of elements."""
    seen = []
    whole = pydicom.dcmread

    def spying(*args, **options):
        dataset = whole(*args, **options)
        seen.extend(element.keyword for element in dataset)
        return dataset

    monkeypatch.setattr(pydicom, "dcmread", spying)
    open_scan(write_dicom(tmp_path / "a.dcm", np.ones((20, 30), np.uint16)))
    assert "Rows" in seen
    assert not [keyword for keyword in seen if keyword.startswith(("Patient", "Study"))]


def test_scan_holds_nothing_of_the_header(write_series, tmp_path):
    folder = write_series(tmp_path / "series", np.ones((3, 20, 30), np.uint16))
    scan = open_scan(folder)
    assert not [mark for mark in (NAME, NUMBER, b"1933", b"1.2.3") if mark in pickle.dumps(scan)]
    reader = ReadImages(plane="axial", slice=0).fit([folder])
    reader.transform([folder])
    assert not [mark for mark in (NAME, NUMBER, b"1933", b"1.2.3") if mark in pickle.dumps(reader)]


def test_warnings_of_a_series_tell_the_folder_alone(write_series, tmp_path):
    volume = np.ones((4, 20, 30), np.uint16)
    folder = write_series(tmp_path / "series", volume, [0, 3, 9, 12])
    with pytest.warns(UserWarning, match=r"1 series skip slices.*in 1 place") as caught:
        ReadImages(plane="axial", slice=0).fit_transform([folder])
    texts = " ".join(str(warning.message) for warning in caught).lower()
    assert not [secret for secret in SECRETS if secret in texts]


def test_silence_ends_with_the_last_reader(caplog):
    """Two threads that overlap leave warnings and logs as they were."""
    log, inside, go_on = logging.getLogger("pydicom"), threading.Event(), threading.Event()
    before = (log.handlers, log.propagate, warnings.filters[:])

    def first():
        with quiet():
            inside.set()
            assert go_on.wait(10)

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(10)
    with quiet():
        go_on.set()
        thread.join(10)
        log.warning("a name")
        warnings.warn("a name", UserWarning, stacklevel=1)
    assert "a name" not in caplog.text
    assert (log.handlers, log.propagate, warnings.filters[:]) == before
    with pytest.warns(UserWarning, match="heard"):
        warnings.warn("heard", UserWarning, stacklevel=1)
