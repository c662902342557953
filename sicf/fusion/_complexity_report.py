"""What a network costs, measured: parameters, multiply-accumulates, time."""

import time
from contextlib import contextmanager, nullcontext

import numpy as np

from sicf._number_checks import check_whole_number
from sicf._worker_threads import torch_threads
from sicf.fusion._image_fuser import ImageFuser

COLUMNS = (
    "parameters",
    "trainable",
    "GMAC",
    "ms",
    "ms_lowest",
    "ms_highest",
    "device",
    "threads",
)


def complexity_report(models, input_shape, *, batch_size=1, repeats=10, n_threads=None):
    """Count the parameters and multiply-accumulates of networks, and measure their time.

    Parameters
    ----------
    models : torch.nn.Module or fuser, or dict of str to such
        A network, or several by name. Each is measured on the device where its parameters are,
        in evaluation mode, and left in the mode in which it was. Of a fuser, such as
        :class:`DenseFuse`, the network is built anew and measured as it fuses two pictures,
        without what is for training alone.
    input_shape : tuple of int, or sequence of tuples of int
        Shape of one sample, without the batch: ``(3, 224, 224)``; for a network that takes several
        tensors one shape each: ``[(1, 224, 224), (1, 224, 224)]``. All networks get the same.
    batch_size : int, default=1
        Samples that pass through together.
    repeats : int, default=10
        Timed passes, after one pass that counts and one that warms up. 0 measures no time.
    n_threads : int, default=None
        Threads of torch on the CPU. None leaves its setting alone.

    Returns
    -------
    pandas.DataFrame
        A row for each network, with the columns

        - `parameters`, `trainable`: numbers of weights, those in several places counted once, and
          of those that require a gradient; buffers, such as running means, are none;
        - `GMAC`: billions of multiply-accumulates for one sample;
        - `ms`, `ms_lowest`, `ms_highest`: median, lowest and highest time for one sample, in
          milliseconds; NaN where no time was measured;
        - `device`, `threads`: on what; threads are NaN but for the CPU.

    Raises
    ------
    TypeError
        A model is no network of torch and no fuser.
    ValueError
        A number is out of its range, there is no model, or a shape is none.

    See Also
    --------
    fusion_metrics : How good the fused images are.
    published_tables : Table 5, the costs that the paper prints.

    Notes
    -----
    Multiply-accumulates are half of the floating-point operations that
    ``torch.utils.flop_counter`` counts in one pass: those of convolutions, of linear layers and
    other matrix products, and of attention, which is counted as the products it consists of.
    Not counted are biases, activations, normalization, pooling, resizing, sums and other
    operations on single values, recurrent layers and operators that others registered. A
    convolution counts in full, however it is computed (Winograd, FFT).

    Papers print "FLOPs" for either figure. Parameters that no pass uses are counted as well.

    A network on the device "meta" has no numbers in it; it is counted in no time, and not timed.
    Pixels are drawn evenly between 0 and 1 with a fixed seed.

    Examples
    --------
    >>> import torch
    >>> from sicf import complexity_report
    >>> network = torch.nn.Conv2d(1, 16, kernel_size=3, padding=1)
    >>> report = complexity_report({"one layer": network}, (1, 100, 100), repeats=0)
    >>> report["parameters"].item(), report["GMAC"].item()
    (160, 0.00144)
    >>> from sicf import DenseFuse
    >>> report = complexity_report(DenseFuse(), [(1, 64, 64), (1, 64, 64)], repeats=0)
    >>> report["parameters"].item()
    74193
    """
    import pandas as pd

    named = _named(models)
    shapes = _shapes(input_shape)
    check_whole_number("batch_size", batch_size)
    check_whole_number("repeats", repeats, 0)
    if n_threads is not None:
        check_whole_number("n_threads", n_threads)
    with nullcontext() if n_threads is None else torch_threads(n_threads):
        rows = [_row(model, shapes, batch_size, repeats) for model in named.values()]
    return pd.DataFrame(rows, index=list(named), columns=list(COLUMNS))


def _row(model, shapes, batch_size, repeats):
    import torch

    parameters = list(model.parameters())
    device = parameters[0].device if parameters else torch.device("cpu")
    inputs = _inputs(shapes, batch_size, parameters, device)
    with _evaluating(model), torch.no_grad():
        gmac = _multiply_accumulates(model, inputs) / batch_size / 1e9
        timed = repeats and device.type != "meta"
        times = _times(model, inputs, repeats, device) if timed else np.full(1, np.nan)
    times = times * 1000 / batch_size
    return {
        "parameters": sum(value.numel() for value in parameters),
        "trainable": sum(value.numel() for value in parameters if value.requires_grad),
        "GMAC": gmac,
        "ms": np.median(times),
        "ms_lowest": times.min(),
        "ms_highest": times.max(),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else str(device),
        "threads": torch.get_num_threads() if device.type == "cpu" else np.nan,
    }


def _inputs(shapes, batch_size, parameters, device):
    import torch

    dtype = parameters[0].dtype if parameters else torch.float32
    drawn = torch.Generator("cpu").manual_seed(0)
    # The device is named, since the caller may have another one for a default.
    return [
        torch.rand(batch_size, *shape, generator=drawn, device="cpu").to(device, dtype)
        for shape in shapes
    ]


def _multiply_accumulates(model, inputs):
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    # Kernels that do attention in one piece hide the products from the counter.
    counter = FlopCounterMode(display=False)
    with _attention_in_pieces(), sdpa_kernel(SDPBackend.MATH), counter:
        model(*inputs)
    return counter.get_total_flops() / 2


def _times(model, inputs, repeats, device):
    model(*inputs)
    _wait_for(device)
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        model(*inputs)
        _wait_for(device)
        times.append(time.perf_counter() - start)
    return np.array(times)


def _wait_for(device):
    """Work on an accelerator goes on after the call that asked for it has returned."""
    import torch

    if device.type != "cpu":
        getattr(torch, device.type).synchronize()


@contextmanager
def _evaluating(model):
    """Evaluation mode, and each part back to its own mode afterwards."""
    before = [(part, part.training) for part in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for part, training in before:
            part.training = training


@contextmanager
def _attention_in_pieces():
    import torch

    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


def _named(models):
    if not isinstance(models, dict):
        models = {type(models).__name__: models}
    if not models:
        raise ValueError("models must hold at least one network. Got none.")
    return {name: _network(name, model) for name, model in models.items()}


def _network(name, model):
    import torch

    if isinstance(model, ImageFuser):
        from sicf.fusion._fusing_network import FusingNetwork

        return FusingNetwork(model)
    if not isinstance(model, torch.nn.Module):
        raise TypeError(
            "models must be networks, torch.nn.Module, or fusers. "
            f"Got {type(model).__name__} for {name!r} instead."
        )
    return model


def _shapes(input_shape):
    shapes = list(input_shape) if np.iterable(input_shape) else []
    if shapes and not np.iterable(shapes[0]):
        shapes = [shapes]
    if not shapes or not all(np.iterable(shape) and len(shape) for shape in shapes):
        raise ValueError(
            "input_shape must be the shape of one sample, such as (3, 224, 224), or several. "
            f"Got {input_shape!r} instead."
        )
    for shape in shapes:
        for side in shape:
            check_whole_number("input_shape", side)
    return [tuple(shape) for shape in shapes]
