"""What a batch of images is: the one door through which every image estimator takes X."""

import numbers
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

MIN_SIDE = 16


@dataclass(frozen=True)
class ImageBatch:
    """A checked batch: every image is a view of shape (rows, columns, channels).

    Parameters
    ----------
    images : sequence of ndarray of shape (H, W, M)
        An array of shape (n, H, W, M) or a list of images that differ in size.
    has_channel_axis : bool
        Whether the caller's images had a channel axis; `rebuild` gives back the same form.
    mask : int or None
        Position of the mask channel, counted from 0.
    """

    images: Sequence[np.ndarray]
    has_channel_axis: bool
    mask: int | None = None

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index) -> np.ndarray:
        return self.images[index]

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter(self.images)

    @property
    def n_channels(self) -> int:
        return self.images[0].shape[2]

    @property
    def sequence_channels(self) -> list[int]:
        """Positions of the channels that are sequences, that is all but the mask."""
        return [m for m in range(self.n_channels) if m != self.mask]

    def sequences(self, index: int) -> np.ndarray:
        """Image `index` without its mask channel, shape (H, W, number of sequences)."""
        image = self.images[index]
        return image if self.mask is None else image[:, :, self.sequence_channels]

    def labels(self, index: int) -> np.ndarray:
        """The mask channel of image `index`, whole numbers of any dtype, shape (H, W)."""
        return self.images[index][:, :, self.mask]

    def region(self, index: int, mask_labels=None) -> np.ndarray:
        """Where a label of image `index` counts: one of `mask_labels`, or any above 0 for None."""
        labels = self.labels(index)
        # isin takes a set for one single object, and so finds none of its labels.
        return labels > 0 if mask_labels is None else np.isin(labels, list(mask_labels))

    def rebuild(self, images: Sequence[np.ndarray]):
        """Put new images into the caller's form: an array where shapes and dtypes agree."""
        if not self.has_channel_axis and all(image.shape[2] == 1 for image in images):
            images = [image[:, :, 0] for image in images]
        return stack_alike(images)


def check_images(X, *, mask=None, n_channels=None, fill_nan=None) -> ImageBatch:
    """Check a batch of images and give it one form, without a copy and without writing to it.

    Parameters
    ----------
    X : array-like of shape (n, H, W) or (n, H, W, M), or list of (H, W) or (H, W, M) arrays
        Samples first, channels last. A list may mix sizes but not numbers of channels.
        Any real dtype.
    mask : int, default=None
        The channel that holds a mask; negative numbers count from the end.
    n_channels : int, default=None
        The number of channels that `fit` saw; None takes any.
    fill_nan : float, default=None
        Written, in a copy, where a pixel is NaN. None makes NaN an error.

    Returns
    -------
    ImageBatch

    Raises
    ------
    TypeError
        X holds file names, or something that is no image.
    ValueError
        X has a wrong number of dimensions, looks channels-first, is empty, holds an image below
        16 pixels a side or a non-finite pixel, its numbers of channels differ, or its mask holds
        something else than whole numbers.
    """
    _check_fill_nan(fill_nan)
    images, has_channel_axis = _as_images(X)
    for index, image in enumerate(images):
        _check_shape(index, image)
    _check_channels(images, n_channels)
    mask = _check_mask(mask, images[0].shape[2])
    batch = ImageBatch(_check_finite(images, fill_nan), has_channel_axis, mask)
    _check_labels(batch)
    return batch


def check_mask_labels(mask_labels):
    """Raise where `mask_labels` is neither None nor a collection of whole numbers."""
    if mask_labels is None:
        return
    if not isinstance(mask_labels, Collection) or not all(
        isinstance(label, numbers.Real) and float(label).is_integer() for label in mask_labels
    ):
        raise ValueError(
            "mask_labels must be None or several whole numbers, such as [1, 3]. "
            f"Got {mask_labels!r} instead."
        )


def is_one_array(X) -> bool:
    """Whether X is one rectangular array, as opposed to a list of images."""
    return isinstance(X, np.ndarray) and X.dtype != object


def stack_alike(images):
    """Make one array of images that agree in shape and dtype, and leave others a list.

    A common dtype would be wrong: eight bits among sixteen would then be stretched downstream, so
    that an image's row depended on its neighbours.
    """
    alike = len({(image.shape, image.dtype) for image in images}) == 1
    return np.stack(images) if alike else list(images)


def _as_images(X):
    if isinstance(X, (str, os.PathLike)):
        raise TypeError(_paths_message("X", X))
    if not is_one_array(X) and hasattr(X, "__array__") and getattr(X, "ndim", 1) > 1:
        X = np.asarray(X)
    if is_one_array(X):
        return _array_as_images(X)
    if not hasattr(X, "__len__") or not hasattr(X, "__iter__"):
        raise TypeError(
            f"X must be an array or a list of images. Got {type(X).__name__} instead; "
            "a generator has to be turned into a list first."
        )
    _check_not_empty(len(X))
    images = [_image_as_array(index, image) for index, image in enumerate(X)]
    if all(image.ndim == 1 for image in images):
        raise ValueError(_two_dimensional_message((len(images), images[0].size)))
    has_channel_axis = images[0].ndim == 3
    return [
        _with_channel_axis(index, image) for index, image in enumerate(images)
    ], has_channel_axis


def _array_as_images(X):
    _check_real(X.dtype, "X")
    if X.ndim == 2:
        raise ValueError(_two_dimensional_message(X.shape))
    if X.ndim not in (3, 4):
        raise ValueError(
            "X must have shape (n, H, W) or (n, H, W, M), with samples first and channels last. "
            f"Got {X.ndim} dimension(s), shape {X.shape}, instead."
        )
    _check_not_empty(len(X))
    return (X, True) if X.ndim == 4 else (X[..., np.newaxis], False)


def _image_as_array(index, image):
    if isinstance(image, (str, os.PathLike)):
        raise TypeError(_paths_message(f"Image {index}", image))
    try:
        array = np.asarray(image)
    except ValueError as exc:
        raise ValueError(_ragged_message(index, image)) from exc
    _check_real(array.dtype, f"Image {index}")
    return array


def _with_channel_axis(index, image):
    if image.ndim not in (2, 3):
        raise ValueError(
            f"An image must have shape (H, W) or (H, W, M). Image {index} has shape {image.shape}."
        )
    return image if image.ndim == 3 else image[:, :, np.newaxis]


def _check_shape(index, image):
    rows, columns, channels = image.shape
    if image.size == 0:
        raise ValueError(f"An image must hold pixels. Image {index} has shape {image.shape}.")
    if channels > min(rows, columns):
        raise ValueError(
            f"Channels come last: (H, W, M). Image {index} has shape {image.shape}, which looks "
            "channels-first; use np.moveaxis(X, 1, -1) on a batch, or np.moveaxis(image, 0, -1)."
        )
    if min(rows, columns) < MIN_SIDE:
        raise ValueError(
            f"An image must be at least {MIN_SIDE} pixels a side. Image {index} has "
            f"{rows} x {columns} pixels. A single image is passed as X[np.newaxis]."
        )


def _check_channels(images, n_channels):
    first = images[0].shape[2]
    for index, image in enumerate(images):
        if image.shape[2] != first:
            raise ValueError(
                "All images of a batch must have the same number of channels. "
                f"Image {index} has {image.shape[2]}, image 0 has {first}."
            )
    if n_channels is not None and first != n_channels:
        raise ValueError(
            f"X must have the {n_channels} channel(s) that fit saw. Got {first} instead."
        )


def _check_mask(mask, n_channels):
    if mask is None:
        return None
    if not isinstance(mask, numbers.Integral) or isinstance(mask, bool):
        raise TypeError(f"mask must be None or the number of a channel. Got {mask!r} instead.")
    if not -n_channels <= mask < n_channels:
        raise ValueError(
            f"mask must name one of the {n_channels} channel(s) of X, 0 to {n_channels - 1}. "
            f"Got {mask} instead."
        )
    if n_channels == 1:
        raise ValueError(
            f"mask={mask} leaves no sequence: X has 1 channel. Append the mask as one more channel."
        )
    return int(mask) % n_channels


def _check_labels(batch):
    """A soft mask is refused at the door: cut down to whole numbers, 0.9 would become 0."""
    if batch.mask is None:
        return
    for index in range(len(batch)):
        labels = batch.labels(index)
        if labels.dtype.kind == "f" and (broken := labels != np.rint(labels)).any():
            raise ValueError(
                "Labels of a mask channel must be whole numbers. "
                f"Image {index} holds {labels[broken][0]}; make labels of a soft mask first, as by "
                "mask > 0.5."
            )


def _check_fill_nan(fill_nan):
    if fill_nan is None or (isinstance(fill_nan, numbers.Real) and np.isfinite(fill_nan)):
        return
    raise ValueError(f"fill_nan must be None or a finite number. Got {fill_nan!r} instead.")


def _check_finite(images, fill_nan):
    if is_one_array(images) and images.dtype.kind in "bui":
        return images
    checked = [_finite(index, image, fill_nan) for index, image in enumerate(images)]
    untouched = all(new is old for new, old in zip(checked, images, strict=True))
    return images if is_one_array(images) and untouched else checked


def _finite(index, image, fill_nan):
    if image.dtype.kind != "f" or np.isfinite(image).all():
        return image
    if fill_nan is not None:
        image = np.where(np.isnan(image), np.asarray(fill_nan, image.dtype), image)
    n_bad = int(image.size - np.isfinite(image).sum())
    if n_bad:
        raise ValueError(
            f"Pixels must be finite. Image {index} has {n_bad} non-finite pixel(s); mend the image"
            f"{_nan_advice(image)}."
        )
    return image


def _nan_advice(image):
    """The estimator that found the pixels may have no `fill_nan`, so name those that have it."""
    if not np.isnan(image).any():
        return ""
    return (
        ", or fill NaN before, as by QuadrantROI(fill_nan=0), HistEqualize(fill_nan=0) or "
        "np.nan_to_num"
    )


def _check_not_empty(n_images):
    if n_images == 0:
        raise ValueError("X must hold at least 1 image. Found array with 0 sample(s).")


def _check_real(dtype, name):
    if dtype.kind in "US":
        raise TypeError(f"{name} must hold pixels. Got text instead.")
    if dtype.kind not in "buif":
        raise TypeError(f"{name} must have a real dtype. Got {dtype} instead.")


def _paths_message(name, path):
    return (
        f"{name} must be pixels, not a file name. Got {os.fspath(path)!r} instead; "
        "read files first, by sicf.ReadImages or sicf.load_images."
    )


def _ragged_message(index, image):
    shapes = [part.shape for part in image if getattr(part, "ndim", 0) == 2]
    if not shapes:
        return f"Image {index} is ragged: its rows differ in length."
    return (
        "The sequences of an image must lie on one grid. Image "
        f"{index} is a list of sequences of shape {' and '.join(map(str, dict.fromkeys(shapes)))}; "
        "resample them, then stack them by np.stack(sequences, axis=-1)."
    )


def _two_dimensional_message(shape):
    return (
        "X must be a batch of images of shape (n, H, W) or (n, H, W, M). Got the 2-D shape "
        f"{tuple(shape)} instead. Reshape flattened pictures by X.reshape(-1, H, W), and pass a "
        "single picture as X[np.newaxis]."
    )
