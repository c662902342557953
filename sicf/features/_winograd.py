"""Convolutions of 3 x 3 by Winograd's minimal filtering: a quarter of the multiplications.

Torch's own convolutions multiply 9 times for each place and pair of channels; F(4 x 4, 3 x 3) does
so 36 times for 16 places. The sums that this needs instead are cheap where channels are many, and
in float32 they round about as a change of the order of summation does.

References
----------
.. [1] A. Lavin and S. Gray, "Fast algorithms for convolutional neural networks", CVPR 2016.
   :doi:`10.1109/CVPR.2016.435`
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

# With fewer channels the sums cost as much as the multiplications they replace.
MIN_CHANNELS = 64
MIN_PAIRS = 64 * 128
# Tiles that are multiplied at once: enough to use each filter often, few enough for the cache.
TILES_AT_ONCE = 256
# Parts for each thread, so that one that is held up does not hold up all.
PARTS = 4
FILTER_SUMS = np.array(
    [
        [1 / 4, 0, 0],
        [-1 / 6, -1 / 6, -1 / 6],
        [-1 / 6, 1 / 6, -1 / 6],
        [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6],
        [0, 0, 1],
    ]
)


def quicken(network):
    """Let a network's own 3 x 3 convolutions be computed by Winograd's way, where that pays.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode, float32, on the CPU. Changed in place; its modules, their names and
        their weights stay.

    Returns
    -------
    torch.nn.Module
        `network`.
    """
    for module in network.modules():
        if _is_fit(module):
            module.forward = Winograd(module)
    return network


def _is_fit(module):
    import torch

    # A subclass may compute something else.
    return (
        type(module) is torch.nn.Conv2d
        and module.weight.dtype == torch.float32
        and (module.kernel_size, module.stride, module.dilation) == ((3, 3), (1, 1), (1, 1))
        and module.padding in ((1, 1), "same")
        and module.padding_mode == "zeros"
        and module.groups == 1
        and min(module.in_channels, module.out_channels) >= MIN_CHANNELS
        and module.in_channels * module.out_channels >= MIN_PAIRS
    )


class Winograd:
    """The forward of a 3 x 3 convolution, with its filters transformed once.

    Parameters
    ----------
    convolution : torch.nn.Conv2d
    """

    def __init__(self, convolution):
        import torch

        self._direct = convolution.forward
        sums = torch.from_numpy(FILTER_SUMS)
        weight = convolution.weight.detach().double()
        transformed = torch.einsum("ia,kcab,jb->ijck", sums, weight, sums)
        self.filters = transformed.float().flatten(0, 1).contiguous()
        bias = convolution.bias
        self.bias = np.zeros(len(weight), np.float32) if bias is None else bias.detach().numpy()

    def __call__(self, pictures):
        """Convolve pictures of shape (n, C, H, W); the outcome's memory is channels last."""
        import torch

        if pictures.ndim != 4:
            return self._direct(pictures)
        lines = pictures.contiguous(memory_format=torch.channels_last).permute(0, 2, 3, 1).numpy()
        output = torch.empty(*lines.shape[:3], len(self.bias))
        self._run_parts(lines, output.numpy())
        return output.permute(0, 3, 1, 2)

    def _run_parts(self, lines, output):
        """Share the rows of tiles among torch's threads; blocks do not depend on their number."""
        import torch

        n, height, width, _ = lines.shape
        rows, in_a_row = n * -(-height // 4), -(-width // 4)
        step = max(1, TILES_AT_ONCE // in_a_row)
        blocks = [(first, min(first + step, rows)) for first in range(0, rows, step)]
        threads = min(torch.get_num_threads(), len(blocks))
        if threads == 1:
            self._run_blocks(lines, blocks, output)
            return
        parts = np.array_split(np.array(blocks), min(PARTS * threads, len(blocks)))
        before = torch.get_num_threads()
        pool = ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))
        try:
            with pool:
                list(pool.map(lambda part: self._run_blocks(lines, part, output), parts))
        finally:
            # Torch keeps the number by thread, but the last one set is what new threads begin with.
            torch.set_num_threads(before)

    def _run_blocks(self, lines, blocks, output):
        import torch

        from sicf.features._winograd_loops import from_tiles, to_tiles

        channels, n_filters = self.filters.shape[1:]
        in_a_row = -(-lines.shape[2] // 4)
        most = max(stop - first for first, stop in blocks) * in_a_row
        tiles = torch.empty(most, 36, channels)
        products = torch.empty(most, 36, n_filters)
        with torch.inference_mode():
            for first, stop in blocks:
                count = (stop - first) * in_a_row
                block, product = tiles[:count], products[:count]
                to_tiles(lines, first, stop, block.view(count, 6, 6, channels).numpy())
                torch.bmm(block.transpose(0, 1), self.filters, out=product.transpose(0, 1))
                by_place = product.view(count, 6, 6, n_filters).numpy()
                from_tiles(by_place, first, stop, self.bias, output)
