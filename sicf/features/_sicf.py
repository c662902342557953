"""Scale-invariant convolutional fusion: handcrafted and deep columns side by side."""

from sklearn.pipeline import FeatureUnion

from sicf.features._sift_bovw import SIFTBoVW
from sicf.features._vgg16_embedder import VGG16Embedder


class SICF(FeatureUnion):
    """Union of SIFT's visual words (512 columns) and VGG16's fc7 (4,096): the paper's 4,608.

    Parameters
    ----------
    transformer_list : list of (str, transformer), default=None
        The streams. None is ``[("sift", SIFTBoVW()), ("vgg16", VGG16Embedder())]``.
    n_jobs : int, default=None
        Streams fitted at the same time.
    transformer_weights : dict, default=None
        A factor for each stream.
    verbose : bool, default=False
        Say how long each stream took.
    verbose_feature_names_out : bool, default=True
        Write the stream before the name of its columns: ``sift__word_017``.

    See Also
    --------
    make_sicf : With region of interest and equalization before it.

    References
    ----------
    .. [1] Z. Shi et al., "An intelligent MRI data fusion framework for optimized diagnosis of
       spinal tumors", Frontiers in Medicine 12, 2025. :doi:`10.3389/fmed.2025.1606570`

    Examples
    --------
    >>> from sicf import SICF
    >>> union = SICF().set_params(sift__n_words=256, vgg16__layer="fc6")
    >>> [name for name, _ in union.transformer_list]
    ['sift', 'vgg16']
    """

    def __init__(
        self,
        transformer_list=None,
        *,
        n_jobs=None,
        transformer_weights=None,
        verbose=False,
        verbose_feature_names_out=True,
    ):
        # The default streams are made here, not in fit: set_params(sift__n_words=...) comes before.
        if transformer_list is None:
            transformer_list = [("sift", SIFTBoVW()), ("vgg16", VGG16Embedder())]
        super().__init__(
            transformer_list,
            n_jobs=n_jobs,
            transformer_weights=transformer_weights,
            verbose=verbose,
            verbose_feature_names_out=verbose_feature_names_out,
        )
