"""Whatever the bytes of a file, it is read or refused in our words: no crash, hang, or name."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nibabel
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import sicf
from sicf.images.files._open_scan import SUFFIXES, open_scan

SECRETS = ("doe^", "jane", "4711", "0815", "19330401")
SMALL = 100_000


@pytest.fixture
def sound_files(tmp_path, write_dicom, transcode, write_series, rng):
    """One small file of each format, depth and compression."""
    folder = tmp_path / "sound"
    folder.mkdir()
    grey = (rng.integers(0, 200, (40, 56)) // 20 * 20).astype(np.uint8)
    deep = grey.astype(np.uint16) * 16
    write_pictures(folder, grey, deep)
    write_niftis(folder, deep)
    write_dicoms(folder, write_dicom, transcode, grey, deep)
    write_series(folder / "series", np.stack([deep] * 4), WindowCenter=5, WindowWidth=9)
    write_series(folder / "unplaced", np.stack([deep] * 3), [None] * 3)
    return folder


def write_pictures(folder, grey, deep):
    Image.fromarray(grey).save(folder / "grey.png")
    Image.fromarray(deep).save(folder / "deep.png")
    Image.fromarray(np.dstack([grey] * 3)).save(folder / "colour.png")
    Image.fromarray(grey).convert("P").save(folder / "palette.png")
    Image.fromarray(grey).save(folder / "grey.jpg")
    Image.fromarray(grey).save(folder / "grey.bmp")
    Image.fromarray(deep).save(folder / "deep.tif")
    Image.fromarray(grey).save(folder / "packed.tif", compression="tiff_lzw")
    Image.fromarray(grey.astype(np.float32)).save(folder / "float.tif", compression="tiff_deflate")
    np.save(folder / "deep.npy", deep)


def write_niftis(folder, deep):
    volume = np.stack([deep.astype(np.int16)] * 3, axis=2)
    for name, image in {
        "volume.nii": nibabel.Nifti1Image(volume, np.eye(4)),
        "packed.nii.gz": nibabel.Nifti1Image(volume, np.eye(4)),
        "series.nii.gz": nibabel.Nifti1Image(np.stack([volume] * 2, axis=3), np.eye(4)),
        "second.nii": nibabel.Nifti2Image(volume, np.eye(4)),
        "float.nii": nibabel.Nifti1Image(volume.astype(np.float32), np.eye(4)),
    }.items():
        image.header["descrip"] = b"Doe^Jane 4711"
        nibabel.save(image, folder / name)


def write_dicoms(folder, write_dicom, transcode, grey, deep):
    from pydicom.uid import JPEG2000Lossless, RLELossless

    window = {"WindowCenter": 5, "WindowWidth": 9, "RescaleSlope": 2, "RescaleIntercept": 1}
    write_dicom(folder / "deep.dcm", deep, **window)
    write_dicom(folder / "colour.dcm", np.dstack([grey] * 3))
    write_dicom(folder / "frames.dcm", np.stack([deep] * 3))
    write_dicom(folder / "packed.dcm", deep, compress=RLELossless)
    write_dicom(folder / "jpeg2000.dcm", deep, compress=JPEG2000Lossless)
    transcode(folder / "deep.dcm", folder / "lossless.dcm", "JPEGLosslessProcess14_1")
    transcode(folder / "deep.dcm", folder / "jpegls.dcm", "JPEGLSLossless")


def check_damaged(folder, n_cases, seed, seconds):
    """Run the cases in a process of their own and give what it says."""
    script = Path(__file__).with_name("fuzz_readers.py")
    done = subprocess.run(
        [sys.executable, str(script), str(folder), str(n_cases), str(seed)],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(sicf.__file__).parents[1])},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = (done.stderr + done.stdout).lower()
    assert not [secret for secret in SECRETS if secret in said]
    result = json.loads(done.stdout.splitlines()[-1])
    assert not result["n_faults"], "\n".join(result["faults"])
    assert result["read"] + result["refused"] == n_cases
    return result


def test_damaged_files(sound_files):
    result = check_damaged(sound_files, 500, seed=0, seconds=120)
    assert result["read"] >= 25
    assert result["refused"] >= 250


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5))
def test_damaged_files_by_the_thousands(sound_files, seed):
    check_damaged(sound_files, 10_000, seed=seed, seconds=3000)


def copy_real_files(data_folder, folder):
    folder.mkdir()
    names = sorted(data_folder.glob("dicom/*")) + sorted(data_folder.glob("sct_nifti/*/*.gz"))
    for path in names:
        if path.stat().st_size < SMALL or path.suffix == ".dcm":
            shutil.copyfile(path, folder / f"{path.parent.name}_{path.name}")
    return folder


@pytest.mark.real_data
def test_damaged_real_files(data_folder, tmp_path):
    folder = copy_real_files(data_folder, tmp_path / "real")
    check_damaged(folder, 150, seed=0, seconds=120)


@pytest.mark.slow
@pytest.mark.real_data
def test_damaged_real_files_by_the_thousands(data_folder, tmp_path):
    folder = copy_real_files(data_folder, tmp_path / "real")
    check_damaged(folder, 10_000, seed=1, seconds=3000)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    suffix=st.sampled_from(["", *SUFFIXES]),
    mark=st.sampled_from(
        [
            b"",
            bytes(128) + b"DICM",
            b"\x89PNG\r\n\x1a\n",
            b"II*\0",
            b"\x93NUMPY\x01\0",
            b"\x5c\x01\0\0",
        ]
    ),
    content=st.binary(max_size=400),
)
def test_any_bytes_are_refused(tmp_path, suffix, mark, content):
    path = tmp_path / f"file{suffix}"
    path.write_bytes(mark + content)
    with pytest.raises(ValueError, match="file"):
        open_scan(path)
