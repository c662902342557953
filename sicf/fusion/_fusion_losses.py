"""What fusion networks are trained on: likeness, gradients, roughness of pictures in [0, 1]."""

import torch
from torch.nn import functional

SIDE = 11
SIGMA = 1.5
# Of a data range of 1, as the paper of SSIM has them.
C1, C2 = 0.01**2, 0.03**2
SOBEL = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))
LAPLACE = ((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0))


def ssim(first, second, kind="full"):
    """Structural similarity of each pair of pictures [1]_, by Gaussian windows of 11 x 11.

    Parameters
    ----------
    first, second : Tensor of shape (b, 1, h, w)
        In [0, 1], sides of at least 11.
    kind : {"full", "cs"}, default="full"
        "cs" leaves the luminance out.

    Returns
    -------
    Tensor of shape (b,)

    References
    ----------
    .. [1] Z. Wang et al., "Image quality assessment: from error visibility to structural
       similarity", IEEE Transactions on Image Processing 13 (4), 2004.
       :doi:`10.1109/TIP.2003.819861`
    """
    mean_1, mean_2 = _blur(first), _blur(second)
    variances = _blur(first**2) - mean_1**2 + _blur(second**2) - mean_2**2
    covariance = _blur(first * second) - mean_1 * mean_2
    likeness = (2 * covariance + C2) / (variances + C2)
    if kind == "full":
        likeness = likeness * (2 * mean_1 * mean_2 + C1) / (mean_1**2 + mean_2**2 + C1)
    return likeness.mean(dim=(1, 2, 3))


def sobel_strength(pictures):
    """Sum of the absolute Sobel gradients along rows and columns, edges continued.

    Parameters
    ----------
    pictures : Tensor of shape (b, 1, h, w)

    Returns
    -------
    Tensor of shape (b, 1, h, w)
    """
    kernel = pictures.new_tensor(SOBEL)
    kernels = torch.stack([kernel, kernel.T])[:, None]
    around = functional.pad(pictures, [1] * 4, mode="replicate")
    return functional.conv2d(around, kernels).abs().sum(1, keepdim=True)


def laplacian(pictures):
    """Sum of the four neighbours less four times the place itself, edges continued.

    Parameters
    ----------
    pictures : Tensor of shape (b, 1, h, w)

    Returns
    -------
    Tensor of shape (b, 1, h, w)
    """
    around = functional.pad(pictures, [1] * 4, mode="replicate")
    return functional.conv2d(around, pictures.new_tensor(LAPLACE)[None, None])


def total_variation(pictures):
    """Mean squared difference of neighbours, along rows plus along columns.

    Parameters
    ----------
    pictures : Tensor of shape (b, 1, h, w)

    Returns
    -------
    Tensor, a scalar
    """
    rows, columns = pictures.diff(dim=2), pictures.diff(dim=3)
    return rows.square().mean() + columns.square().mean()


def _blur(pictures):
    place = torch.arange(SIDE, device=pictures.device, dtype=pictures.dtype) - SIDE // 2
    bell = torch.exp(-(place**2) / (2 * SIGMA**2))
    bell = bell / bell.sum()
    along = functional.conv2d(pictures, bell[None, None, None, :])
    return functional.conv2d(along, bell[None, None, :, None])
