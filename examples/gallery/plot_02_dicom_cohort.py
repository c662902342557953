"""
Your own DICOM cohort
=====================

A folder of DICOM files becomes a cross-validation in three steps: read it, look at the boxes that
the pictures will be cropped to, evaluate. Here the folder is made from phantoms, so that the
example runs anywhere; yours is there already.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline

from sicf import (
    HistEqualize,
    QuadrantROI,
    ReadImages,
    ThumbnailFeatures,
    evaluate,
    load_images,
    make_spine_phantoms,
)
from sicf.images import plot_boxes

# %%
# A folder as it may lie on your disk
# -----------------------------------
#
# One folder for each class, in it one for each patient, in it the slices. That is all that
# :func:`sicf.load_images` needs to know: the outer folder is the label, the inner one the group
# that no split may part.


def write_dicom(path, pixels):
    """One axial MR slice of 16 bits, with as short a header as a reader accepts."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = MRImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    slice_ = Dataset()
    slice_.file_meta = meta
    slice_.SOPClassUID, slice_.SOPInstanceUID = MRImageStorage, meta.MediaStorageSOPInstanceUID
    slice_.Modality = "MR"
    slice_.Rows, slice_.Columns = pixels.shape
    slice_.SamplesPerPixel, slice_.PhotometricInterpretation = 1, "MONOCHROME2"
    slice_.BitsAllocated, slice_.BitsStored, slice_.HighBit = 16, 16, 15
    slice_.PixelRepresentation = 0
    slice_.PixelData = pixels.astype("<u2").tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    slice_.save_as(path, enforce_file_format=True)


phantoms = make_spine_phantoms(
    24, n_slices=2, sequences=("T1ce",), shape=(160, 160), max_shift=0.12, random_state=0
)
folder = tempfile.TemporaryDirectory()
root = Path(folder.name)
for number, picture in enumerate(phantoms.images):
    diagnosis = phantoms.target_names[phantoms.target[number]]
    patient = f"patient-{phantoms.groups[number]:02d}"
    write_dicom(root / diagnosis / patient / f"{number % 2}.dcm", picture[:, :, 0])

for path in sorted(root.rglob("*.dcm"))[:4]:
    print(path.relative_to(root))

# %%
# Read it
# -------
#
# Pixels are rescaled where a header says so, and kept at their full depth. Of the header nothing
# else is taken, no name and no date.

data = load_images(root)
print(data.images.shape, data.images.dtype)
print(data.target_names, np.bincount(data.target))
print(len(np.unique(data.groups)), "patients")

# %%
# Look at the boxes
# -----------------
#
# :class:`sicf.QuadrantROI` looks for the spinal canal and crops to a box about it. It is a rule of
# thumb and no truth, so look before you train. The necks lie off centre on purpose: the boxes
# follow them.

first = np.sort(np.unique(data.groups, return_index=True)[1])[::2]
boxes = QuadrantROI().locate(data.images[first])
figure = plot_boxes(
    data.images[first],
    boxes,
    titles=[f"{data.groups[n]}\n{data.target_names[data.target[n]]}" for n in first],
)
figure.suptitle("What QuadrantROI will crop to", fontsize=11)
plt.show()

# %%
# A box that is wrong is put right by hand, and goes along with the picture as one more channel:
# :func:`sicf.boxes_to_mask` makes it, and :class:`sicf.MaskROI` crops to it.
#
# Evaluate
# --------
#
# Both slices of a patient are tested together, and the intervals come from resampling patients.

pipeline = make_pipeline(
    QuadrantROI(), HistEqualize(), ThumbnailFeatures(), RandomForestClassifier(random_state=0)
)
labels = np.asarray(data.target_names)[data.target]
result = evaluate(pipeline, data.images, labels, groups=data.groups, outer=4, random_state=0)
result.to_frame().query("metric in ['accuracy', 'AUC']").round(2)

# %%
# From files to answers in one estimator
# --------------------------------------
#
# With :class:`sicf.ReadImages` as its first step a pipeline takes file names: a table, one column
# for each sequence. Such a pipeline can be saved and given the next patient's files as they are.

table = pd.DataFrame({"T1ce": data.filenames})
from_files = make_pipeline(ReadImages(), pipeline).fit(table, labels)
print(from_files.predict(table[::20]))
folder.cleanup()
