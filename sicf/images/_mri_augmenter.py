"""MRIAugmenter: random variants of images, for training alone."""

import numbers

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from sicf._batch import check_images
from sicf._number_checks import check_number, check_whole_number
from sicf._spread import spread_in_order
from sicf._worker_threads import one_opencv_thread
from sicf.images._augmentation import Chances, apply_variant, draw_variant

PROBABILITIES = ("flip_horizontal", "flip_vertical", "rotate", "scale", "noise")
IMAGES_AT_ONCE = 16


class MRIAugmenter(BaseEstimator):
    """Make random variants of images: flips, small rotations, another intensity, noise.

    It is no step of a `Pipeline`, which would augment the pictures to be predicted as well: give it
    to :class:`AugmentedFit`, to a fine-tuned :class:`TorchEmbedder`, or call `augment`.

    Parameters
    ----------
    flip_horizontal, flip_vertical : float, default=0.5
        Probabilities of a mirror image, left to right and top to bottom.
    rotate : float, default=1.0
        Probability of a rotation about the centre.
    degrees : float, default=10.0
        It is drawn evenly from -`degrees` to `degrees`, at most 180; positive is anticlockwise.
    scale : float, default=1.0
        Probability of another intensity.
    factors : (float, float), default=(0.9, 1.1)
        Lowest and highest factor of the intensity, at least 0.
    noise : float, default=1.0
        Probability of Gaussian noise.
    sigmas : (float, float), default=(0.01, 0.05)
        Its lowest and highest standard deviation, where the picture's scale is [0, 1].
    mask : int, default=None
        The channel that holds a mask. It is moved as the picture is, by nearest pixels, and its
        labels stay what they are.
    fill_nan : float, default=None
        Written where a pixel is NaN. None makes NaN an error that names the image.
    n_jobs : int, default=None
        Threads over the images. No part of the result.
    random_state : int, RandomState instance or None, default=None
        An int gives the same variants in each call; otherwise each call draws anew.

    See Also
    --------
    AugmentedFit : Fits any estimator on pictures and their variants.

    Notes
    -----
    All sequences of an image are moved alike and have the same factor and sigma; the noise itself
    is each sequence's own. In this order: flips, rotation, factor, noise. What a rotation leaves
    empty is filled by the picture's own mirror image, in the mask as well, since an edge of zeros
    would be a keypoint.

    Eight-bit pictures have the scale 0 to 255. Any other dtype has that of each sequence of each
    image, from its own minimum to its own maximum, so that float and uint16 copies of one scene
    get the same variants. What leaves the scale is cut off. The dtype is kept, integers are
    rounded. Equalization takes a change of intensity back, but for what was cut off: to train on
    other intensities, augment after it.

    Each variant has a generator of its own, from ``SeedSequence([seed, number, copy])``, where
    `number` counts the images of the call and `copy` the variants of an image. So an image's
    variants depend on the seed and on its place in X, not on the other images, nor on `n_jobs`.

    The flips, angles and sigmas are the paper's [1]_, which gives neither probabilities nor a range
    for the intensity: these are ours.

    References
    ----------
    .. [1] Z. Shi et al., "An intelligent MRI data fusion framework for optimized diagnosis of
       spinal tumors", Frontiers in Medicine 12, 2025. :doi:`10.3389/fmed.2025.1606570`

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import MRIAugmenter
    >>> X = np.random.default_rng(0).integers(0, 256, size=(3, 64, 64), dtype=np.uint8)
    >>> variants, source = MRIAugmenter(random_state=0).augment(X, copies=2)
    >>> variants.shape, variants.dtype, source.tolist()
    ((6, 64, 64), dtype('uint8'), [0, 1, 2, 0, 1, 2])
    """

    def __init__(
        self,
        *,
        flip_horizontal=0.5,
        flip_vertical=0.5,
        rotate=1.0,
        degrees=10.0,
        scale=1.0,
        factors=(0.9, 1.1),
        noise=1.0,
        sigmas=(0.01, 0.05),
        mask=None,
        fill_nan=None,
        n_jobs=None,
        random_state=None,
    ):
        self.flip_horizontal = flip_horizontal
        self.flip_vertical = flip_vertical
        self.rotate = rotate
        self.degrees = degrees
        self.scale = scale
        self.factors = factors
        self.noise = noise
        self.sigmas = sigmas
        self.mask = mask
        self.fill_nan = fill_nan
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X, y=None):
        """Check parameters and images; nothing is learnt.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images
        y : Ignored

        Returns
        -------
        self
        """
        self._chances()
        check_images(X, mask=self.mask, fill_nan=self.fill_nan)
        return self

    def augment(self, X, copies=1, *, numbers=None, first_copy=0):
        """Make variants of each image.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images
            Samples first, channels last; a list may mix sizes and dtypes. Any real dtype.
        copies : int, default=1
            Variants of each image, at least 1.
        numbers : array-like of int of shape (n,), default=None
            What stands for each image in its generator, at least 0, for a part of a larger set.
            None counts from 0.
        first_copy : int, default=0
            The number of the first variant, at least 0; a training loop gives the epoch.

        Returns
        -------
        variants : ndarray, or list of arrays where sizes or dtypes differ
            In the form of X, ``n * copies``: the first variants of all images, then the second.
        source : ndarray of int of shape (n * copies,)
            The row of X that each is a variant of.
        """
        chances = self._chances()
        check_whole_number("copies", copies)
        check_whole_number("first_copy", first_copy, least=0)
        batch = check_images(X, mask=self.mask, fill_nan=self.fill_nan)
        numbers = _check_numbers(numbers, len(batch))
        seed = self._seed()
        copy, source = np.divmod(np.arange(copies * len(batch)), len(batch))
        keys = np.column_stack([numbers[source], first_copy + copy])
        images = [(batch[i], [seed, *key]) for i, key in zip(source, keys, strict=True)]
        with one_opencv_thread():
            varied = spread_in_order(
                _vary,
                (chances, batch.mask),
                images,
                n_jobs=self.n_jobs,
                prefer="threads",
                batch_size=IMAGES_AT_ONCE,
            )
        return batch.rebuild(varied), source

    def transform(self, X):
        """Raise: the pictures to be predicted must not be augmented.

        Parameters
        ----------
        X : Ignored

        Raises
        ------
        TypeError
            With what to do instead.
        """
        raise TypeError(
            "MRIAugmenter is no step of a Pipeline, which would augment the pictures to be "
            "predicted too. Wrap what is fitted: AugmentedFit(pipeline, MRIAugmenter()); or call "
            "augment(X)."
        )

    def _seed(self):
        is_number = isinstance(self.random_state, numbers.Integral)
        rng = check_random_state(self.random_state)
        return self.random_state if is_number else int(rng.randint(np.iinfo(np.int32).max))

    def _chances(self):
        for name in PROBABILITIES:
            _check_range(name, (getattr(self, name),), 1)
        _check_range("degrees", (self.degrees,), 180)
        for name in ("factors", "sigmas"):
            _check_pair(name, getattr(self, name))
        return Chances(
            flip_horizontal=self.flip_horizontal,
            flip_vertical=self.flip_vertical,
            rotate=self.rotate,
            degrees=self.degrees,
            scale=self.scale,
            factors=tuple(self.factors),
            noise=self.noise,
            sigmas=tuple(self.sigmas),
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.requires_fit = False
        tags.no_validation = True
        return tags


def _vary(shared, keyed):
    chances, mask = shared
    image, key = keyed
    rng = np.random.default_rng(np.random.SeedSequence(key))
    variant = draw_variant(chances, rng)
    # A picture is too small for threads of OpenCV's own to pay.
    with one_opencv_thread():
        return apply_variant(image, variant, rng, mask)


def _check_numbers(given, n_images):
    if given is None:
        return np.arange(n_images)
    given = np.asarray(given)
    if given.shape != (n_images,) or given.dtype.kind not in "iu" or (given < 0).any():
        raise ValueError(
            f"numbers must be {n_images} whole number(s) of at least 0, one for each image. "
            f"Got {given.tolist()!r} instead."
        )
    return given


def _check_range(name, values, highest):
    for value in values:
        check_number(name, value)
        if not 0 <= value <= highest:
            raise ValueError(f"{name} must lie in 0 to {highest}. Got {value!r} instead.")


def _check_pair(name, pair):
    if not isinstance(pair, (tuple, list, np.ndarray)) or len(pair) != 2:
        raise ValueError(f"{name} must be the lowest and the highest. Got {pair!r} instead.")
    _check_range(name, pair, np.finfo(np.float32).max)
    if pair[0] > pair[1]:
        raise ValueError(f"{name} must not fall from the lowest to the highest. Got {pair!r}.")
