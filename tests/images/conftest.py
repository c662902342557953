"""Files that tests write: DICOM with a patient in its header, and a volume that no mirror maps."""

import numpy as np
import pytest

NAME, NUMBER = "Doe^Jane", "4711-0815"
EXPLICIT, DERIVED_MR = "1.2.840.10008.1.2.1", "1.2.840.10008.5.1.4.1.1.4"


def make_dataset(pixels, **elements):
    """A DICOM file's content: one frame (H, W), frames (n, H, W), or colour (H, W, 3)."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import UID, generate_uid

    colour = pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.dtype == np.uint8
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = UID(EXPLICIT)
    meta.MediaStorageSOPClassUID = UID(DERIVED_MR)
    meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset = Dataset()
    dataset.file_meta = meta
    dataset.PatientName, dataset.PatientID, dataset.Modality = NAME, NUMBER, "MR"
    dataset.PatientBirthDate, dataset.StudyDescription = "19330401", f"{NAME} {NUMBER}"
    dataset.SOPClassUID, dataset.SOPInstanceUID = (
        meta.MediaStorageSOPClassUID,
        meta.MediaStorageSOPInstanceUID,
    )
    frame = pixels if pixels.ndim == 2 or colour else pixels[0]
    dataset.Rows, dataset.Columns = frame.shape[:2]
    if frame is not pixels:
        dataset.NumberOfFrames = len(pixels)
    dataset.SamplesPerPixel = 3 if colour else 1
    dataset.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if colour:
        dataset.PlanarConfiguration = 0
    bits = 8 * pixels.dtype.itemsize
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = bits, bits, bits - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    dataset.PixelData = pixels.tobytes()
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


@pytest.fixture
def write_dicom():
    """Write a DICOM file: `write(path, pixels, Keyword=value)`; None leaves an element out."""
    pytest.importorskip("pydicom")

    def write(path, pixels, *, compress=None, **elements):
        dataset = make_dataset(pixels, **elements)
        for keyword in [keyword for keyword, value in elements.items() if value is None]:
            delattr(dataset, keyword)
        if compress:
            dataset.compress(compress, generate_instance_uid=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        dataset.save_as(path, enforce_file_format=True)
        return path

    return write


@pytest.fixture
def transcode():
    """Compress a DICOM file as pydicom cannot: `transcode(source, target, name)`, by gdcm."""
    gdcm = pytest.importorskip("gdcm")

    def transcode(source, target, name):
        reader, change, writer = (
            gdcm.ImageReader(),
            gdcm.ImageChangeTransferSyntax(),
            gdcm.ImageWriter(),
        )
        reader.SetFileName(str(source))
        assert reader.Read()
        change.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, name)))
        change.SetInput(reader.GetImage())
        assert change.Change()
        writer.SetFileName(str(target))
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        assert writer.Write()
        return target

    return transcode


@pytest.fixture
def write_series(write_dicom):
    """Write a volume (slices, H, W) as axial files of one series, in an order of names of chance.

    `write(folder, volume, positions=None, **elements)` gives the folder; elements that are lists
    have one value a slice.
    """

    def write(folder, volume, positions=None, **elements):
        positions = np.arange(len(volume)) * 3.0 if positions is None else positions
        shared = {
            "SeriesInstanceUID": "1.2.3",
            "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
            "PixelSpacing": [0.5, 0.75],
        }
        names = np.random.default_rng(0).permutation(len(volume))
        for index, (plane, place) in enumerate(zip(volume, positions, strict=True)):
            own = {"InstanceNumber": index + 1}
            if place is not None:
                own["ImagePositionPatient"] = [-10.0, -20.0, float(place)]
            chosen = {
                keyword: value[index] if _one_a_slice(value, keyword, shared) else value
                for keyword, value in elements.items()
            }
            write_dicom(folder / f"IM{names[index]:04d}.dcm", plane, **{**shared, **own, **chosen})
        return folder

    return write


def _one_a_slice(value, keyword, shared):
    return type(value) is list and keyword not in shared


@pytest.fixture
def volume():
    """Voxels (x, y, z) of LPS+, all different, with sides that differ."""
    return np.arange(20 * 24 * 7, dtype=np.int16).reshape(20, 24, 7)
