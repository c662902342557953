"""A network of torch, up to one of its layers, computed by OpenVINO."""

import os
import warnings

from sicf._worker_threads import in_worker
from sicf.features._cache_key import describe
from sicf.features._kept import Kept
from sicf.features._network import read_layer

KEPT = 2
_compiled = Kept(KEPT)


def check_openvino():
    """Raise, with advice, where OpenVINO is not installed."""
    try:
        import openvino  # noqa: F401
    except ImportError as exc:
        raise ImportError(
            "backend='openvino' needs OpenVINO: pip install 'sicf[openvino]', or set "
            "backend='torch'."
        ) from exc


def openvino_computes_in(dtype):
    """Whether this processor has arithmetic of its own for a precision, as OpenVINO sees it."""
    import openvino

    name = {"float32": "FP32", "bfloat16": "BF16"}[dtype]
    return name in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def openvino_version():
    """Version and build of OpenVINO."""
    import openvino

    return f"openvino {openvino.__version__}"


def read_layer_by_openvino(source, fingerprint, layer, dtype, pictures):
    """Run a network up to one layer and return what that layer gave.

    Parameters
    ----------
    source : NetworkSource
    fingerprint : str
        Of its weights, so that a file that changed is another network.
    layer : str
        Dotted name, as in `network.named_modules()`.
    dtype : {"float32", "bfloat16"}
        What the processor may compute in. One that has no bfloat16 computes in float32.
    pictures : Tensor of float32 of shape (b, 3, H, W)

    Returns
    -------
    Tensor of float32 of shape (b, ...)
    """
    import torch

    size, threads = tuple(pictures.shape[2:]), _threads()
    key = (describe(source.model), fingerprint, layer, dtype, size, threads)
    compiled = _compiled.get(key, lambda: _compile(source, layer, dtype, size, *threads))
    # A request of one's own: that of the compiled network is shared between threads.
    outputs = compiled.create_infer_request().infer([pictures.contiguous().numpy()])
    return torch.from_numpy(outputs[0].copy())


def _threads():
    """Number of threads in all, and of pictures in work at the same time.

    As many threads as torch has, for one batch; in the workers of joblib one for each batch.
    """
    import torch

    if in_worker():
        cores = os.cpu_count() or 1
        return cores, cores
    return torch.get_num_threads(), 1


def _compile(source, layer, dtype, size, threads, streams):
    import openvino

    options = {
        "INFERENCE_PRECISION_HINT": {"float32": "f32", "bfloat16": "bf16"}[dtype],
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": streams,
    }
    model = _convert(source.build(), layer, size)
    return openvino.Core().compile_model(model, "CPU", options)


def _convert(network, layer, size):
    """Trace the network up to the layer; the number of pictures stays open.

    `openvino.convert_model` does the same, but reports its use to its makers over the network.
    """
    import torch
    from openvino import PartialShape
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    until_layer = _make_until_layer(network, layer)
    example = torch.zeros(2, 3, *size)
    with warnings.catch_warnings(action="ignore"), torch.no_grad():
        traced = torch.jit.trace(until_layer, example, check_trace=False)
        decoder = TorchScriptPythonDecoder(traced.eval(), example_input=example)
        frontend = FrontEndManager().load_by_framework("pytorch")
        model = frontend.convert(frontend.load(decoder))
    model.reshape(PartialShape([-1, 3, *size]))
    return model


def _make_until_layer(network, layer):
    """Make a module whose forward ends at the layer; the tracer sees nothing of the others."""
    import torch

    class UntilLayer(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = network

        def forward(self, pictures):
            return read_layer(self.network, layer, pictures)

    return UntilLayer().eval()
