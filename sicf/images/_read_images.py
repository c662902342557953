"""ReadImages: from files to images, as the first step of a pipeline."""

import numpy as np
from sklearn.base import BaseEstimator

from sicf._spread import spread
from sicf._without_columns import WithoutColumns
from sicf.images.files._co_registered import read_stack
from sicf.images.files._digest import digest_sample
from sicf.images.files._named_errors import naming_image
from sicf.images.files._notes import notes_of, warn_of
from sicf.images.files._reading import Reading, check_against_sheet, check_reading
from sicf.images.files._sample_sheet import make_sample_sheet
from sicf.images.files._stack_picture import choose_picture, picture_of


class ReadImages(WithoutColumns, BaseEstimator):
    """Read each sample's files, and give one picture of them.

    PNG, JPEG, TIFF, BMP and NPY are read as they are; DICOM needs ``pip install 'sicf[dicom]'``,
    NIfTI ``'sicf[nifti]'``. A volume needs `plane` and `slice`. It learns nothing, and never drops
    a sample: what cannot be read is an error that names the sample and its file. To unroll volumes
    into slices, or to leave out what cannot be read, see :func:`sicf.load_slices`.

    Parameters
    ----------
    plane : {"axial", "sagittal", "coronal"}, default=None
        The plane that volumes are cut in; the nearest one where they lie obliquely.
    slice : {"largest-mask", "middle"} or int, default=None
        Which slice: the one where most voxels of the mask count (of several the first), the one
        with the number ``depth // 2``, or a number from 0: from right to left in sagittal, from
        front to back in coronal, from bottom to top in axial slices; negative ones count from the
        end.
    volume : int, default=None
        Which volume of a file, or of a series, that holds several; others have but one to read.
    mask : int or str, default=None
        Which entry of a sample's tuple, or which column, holds the mask. For a data frame None
        takes the column "mask", if there is one.
    mask_labels : sequence or set of int, default=None
        The labels that count for ``slice="largest-mask"``. None counts all above 0.
    window : None, "file" or (float, float), default=None
        Eight bits of what a screen shows: as a DICOM file says, or by centre and width. None keeps
        the values at full depth.
    spacing : float or (float, float), default=None
        Millimetres of a pixel, or of its rows and columns, to which pictures are resized. None
        keeps each file's own.
    resample_to : {"first"}, int or str, default=None
        The sequence, by position or column, onto whose grid the others and the mask are brought
        where theirs differ: linearly, and the mask by nearest voxels. None makes a difference an
        error.
    on_missing : {"raise", "mean_of_others"}, default="raise"
        What to do with a sample that lacks a sequence: an error, or the mean of its others; see
        Notes. A missing mask is always an error.
    n_jobs : int, default=None
        Processes that read, as in joblib.
    verbose : int, default=0
        Above 0, a progress bar.

    Attributes
    ----------
    n_sequences_in_ : int
        Number of sequences seen in `fit`, without the mask.
    sequence_names_in_ : list of str or None
        Their names, if `fit` saw a data frame.

    See Also
    --------
    load_images : Pictures with their classes and patients.
    load_slices : Volumes unrolled into slices, with the patient as group.

    Notes
    -----
    Pictures lie as DICOM lays them, whatever the file: axial rows run to posterior and columns to
    left, coronal rows to inferior and columns to left, sagittal rows to inferior and columns to
    posterior. A DICOM file of one frame, PNG and the like stay as stored.

    A mask is the last channel, its values as they are. Sequences of one sample get their common
    dtype. Grids are compared by shape and, where both files tell, by place: no corner may lie off
    by more than a tenth of the shortest side of a voxel.

    DICOM: values are rescaled where the file says so; MONOCHROME1 is turned to dark where low,
    after rescale and window, over the range that the bits can hold; slices of a series are ordered
    along their normal. Nothing else is taken from a header, and no message quotes one.

    The mean of others: each is brought to [0, 1] by its own range, and their mean to the mean of
    their ranges, so that it lies among them.

    Examples
    --------
    >>> import numpy as np, tempfile
    >>> from pathlib import Path
    >>> from sicf import ReadImages
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     paths = [Path(folder) / f"{name}.npy" for name in ("t1", "t2", "mask")]
    ...     for value, path in enumerate(paths):
    ...         np.save(path, np.full((64, 48), value, np.uint8))
    ...     X = ReadImages(mask=2).fit_transform([paths, paths])
    >>> X.shape, X[0, 0, 0].tolist()
    ((2, 64, 48, 3), [0, 1, 2])
    """

    def __init__(
        self,
        *,
        plane=None,
        slice=None,
        volume=None,
        mask=None,
        mask_labels=None,
        window=None,
        spacing=None,
        resample_to=None,
        on_missing="raise",
        n_jobs=None,
        verbose=0,
    ):
        self.plane = plane
        self.slice = slice
        self.volume = volume
        self.mask = mask
        self.mask_labels = mask_labels
        self.window = window
        self.spacing = spacing
        self.resample_to = resample_to
        self.on_missing = on_missing
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, X, y=None):
        """Check the parameters and remember the sequences; no file is read.

        Parameters
        ----------
        X : list, array, Series or DataFrame
            One entry a sample: the path of a file, of the folder of a DICOM series, a nibabel or
            SimpleITK image, a picture as an array; or a tuple of these, one a sequence. A data
            frame has one column a sequence. None, NaN or "" stands for a missing sequence.
        y : Ignored

        Returns
        -------
        self
        """
        sheet, _ = self._check(X)
        self.n_sequences_in_ = sheet.n_sequences
        self.sequence_names_in_ = sheet.names and list(sheet.names)
        return self

    def transform(self, X):
        """Read each sample.

        Parameters
        ----------
        X : list, array, Series or DataFrame
            As in `fit`.

        Returns
        -------
        ndarray of shape (n, H, W) or (n, H, W, M), or list of arrays where sizes or dtypes differ

        Warns
        -----
        UserWarning
            Once of a kind, with a count: sequences were filled; slices of a series are missing, or
            do not say where they lie; files of one sequence are rescaled in different ways.
        """
        sheet, reading = self._check(X)
        samples = list(enumerate(sheet.samples))
        work = spread(_read, reading, samples, ordered=True, n_jobs=self.n_jobs)
        notes = []
        images = _collect(self._progress(work, len(sheet.samples)), len(sheet.samples), notes)
        warn_of(notes)
        return images

    def digest_samples(self, X):
        """Digest the content of each sample, for a cache: equal digests give equal images.

        Bytes of files count, names and places of files do not; of an image in memory, its pixels,
        dtype and place.

        Parameters
        ----------
        X : list, array, Series or DataFrame
            As in `fit`.

        Returns
        -------
        list of bytes of length 32
        """
        sheet, _ = self._check(X)
        digests = []
        for index, sample in enumerate(sheet.samples):
            with naming_image(index):
                digests.append(digest_sample(sample))
        return digests

    def _check(self, X):
        sheet = make_sample_sheet(X, self.mask)
        reading = Reading(
            plane=self.plane,
            slice=self.slice,
            volume=self.volume,
            mask_labels=self.mask_labels,
            window=self.window,
            spacing=self.spacing,
            resample_to=self.resample_to,
            on_missing=self.on_missing,
            names=sheet.names,
        )
        check_reading(reading)
        check_against_sheet(reading, sheet)
        self._compare_with_fit(sheet)
        return sheet, reading

    def _compare_with_fit(self, sheet):
        seen = getattr(self, "n_sequences_in_", sheet.n_sequences)
        if seen != sheet.n_sequences:
            raise ValueError(
                f"X must have the {seen} sequence(s) that fit saw. Got {sheet.n_sequences} instead."
            )
        names = getattr(self, "sequence_names_in_", None)
        if names and sheet.names and names != list(sheet.names):
            raise ValueError(
                f"X must have the columns that fit saw, in their order: {names}. "
                f"Got {list(sheet.names)} instead."
            )

    def _progress(self, work, total):
        if not self.verbose:
            return work
        from tqdm.auto import tqdm

        return tqdm(work, desc="Reading", total=total, unit="image", leave=False)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.input_tags.string = True
        tags.requires_fit = False
        tags.no_validation = True
        return tags


def _read(reading, numbered):
    index, sample = numbered
    with naming_image(index):
        stack = read_stack(sample, reading)
        return picture_of(stack, *choose_picture(stack, reading), reading), notes_of(stack)


def _collect(work, n_images, notes):
    """Lay images into one array as they come, so that they are never held twice.

    From the first that differs in shape or dtype on they are a list.
    """
    stacked, images = None, []
    for index, (image, note) in work:
        notes.append(note)
        if stacked is None and not images:
            stacked = np.empty((n_images, *image.shape), image.dtype)
        if stacked is not None and (image.shape, image.dtype) != (stacked.shape[1:], stacked.dtype):
            images, stacked = list(stacked[:index]), None
        if stacked is None:
            images.append(image)
        else:
            stacked[index] = image
    return images if stacked is None else stacked
