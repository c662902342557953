"""Where and by what a network is computed: backend, device and precision."""

import warnings
from dataclasses import dataclass

from sicf.features._network import check_device, computes_in, loaded, read_layer, read_layers
from sicf.features._openvino_network import (
    check_openvino,
    openvino_computes_in,
    openvino_version,
    read_layer_by_openvino,
)

BACKENDS = ("torch", "openvino")
DTYPES = ("float32", "bfloat16")


@dataclass(frozen=True)
class NetworkEngine:
    """What computes a network, as the user asks for it.

    Parameters
    ----------
    backend : {"torch", "openvino"}
    device : str or None
        As torch names it. None is "cuda" where there is one, else "cpu".
    dtype : {"float32", "bfloat16"}
    """

    backend: str
    device: object
    dtype: str

    def check(self):
        """Raise where this machine has no such engine."""
        if self.dtype not in DTYPES:
            raise ValueError(f"dtype must be one of {DTYPES}. Got {self.dtype!r} instead.")
        if self.backend not in BACKENDS:
            raise ValueError(f"backend must be one of {BACKENDS}. Got {self.backend!r} instead.")
        check_device(self.device)
        if self.backend == "openvino":
            self._check_openvino()

    def _check_openvino(self):
        import torch

        if self.device is not None and torch.device(self.device).type != "cpu":
            raise ValueError(
                "backend='openvino' runs on the CPU: device must be None or 'cpu'. "
                f"Got {self.device!r} instead."
            )
        check_openvino()

    def used_device(self):
        """The device that is named, or the one that None stands for."""
        import torch

        if self.backend == "openvino":
            return torch.device("cpu")
        return torch.device(self.device or ("cuda" if torch.cuda.is_available() else "cpu"))

    def used_dtype(self):
        """Precision that is really used: float32 where the device lacks the other."""
        if self.backend == "openvino":
            known = openvino_computes_in(self.dtype)
        else:
            known = computes_in(self.used_device(), self.dtype)
        return self.dtype if known else "float32"

    def warn_of_other_dtype(self):
        """Warn where another precision is used than was asked for."""
        used = self.used_dtype()
        if used != self.dtype:
            warnings.warn(
                f"This {self.used_device().type} does not compute in {self.dtype}; the network "
                f"runs in {used}, which is faster here. Set dtype={used!r} to be spared this.",
                stacklevel=3,
            )

    def rows_depend_on(self):
        """What of the engine changes the rows, as a dict."""
        return {
            "device": self.used_device().type,
            "dtype": self.used_dtype(),
            "engine": openvino_version() if self.backend == "openvino" else "torch",
        }

    def read_layer(self, source, fingerprint, layer, pictures):
        """Run a network up to one layer and return what that layer gave.

        Parameters
        ----------
        source : NetworkSource
        fingerprint : str
            Of its weights.
        layer : str
            Dotted name, as in `network.named_modules()`.
        pictures : Tensor of float32 of shape (b, 3, H, W)

        Returns
        -------
        Tensor of shape (b, ...)
            On the device and in the precision of the engine.
        """
        if self.backend == "openvino":
            dtype = self.used_dtype()
            return read_layer_by_openvino(source, fingerprint, layer, dtype, pictures)
        return read_layer(*self._placed(source, fingerprint, layer, pictures))

    def read_layers(self, source, fingerprint, layers, pictures):
        """Run a network once and return what several of its layers gave; by torch alone.

        Parameters
        ----------
        source, fingerprint, pictures
            As of `read_layer`.
        layers : sequence of str

        Returns
        -------
        list of Tensor of shape (b, ...)
        """
        return read_layers(*self._placed(source, fingerprint, layers, pictures))

    def _placed(self, source, fingerprint, layers, pictures):
        """Network and pictures on the device, in the precision, in the layout that is faster."""
        import torch

        device, dtype = self.used_device(), getattr(torch, self.used_dtype())
        network = loaded(source, fingerprint, device, dtype)
        pictures = pictures.to(device=device, dtype=dtype, memory_format=torch.channels_last)
        return network, layers, pictures
