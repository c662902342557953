"""ResNeSt's stem and bottlenecks at full resolution: convolutions with attention to their splits.

References
----------
.. [1] H. Zhang et al., "ResNeSt: split-attention networks", CVPR Workshops 2022.
   :doi:`10.1109/CVPRW56347.2022.00309`
"""

from torch import nn

RADIX = 2
EXPANSION = 4
LEAST_INNER = 32


def resnest(channels, width):
    """A stem of three convolutions and two bottlenecks, none of which makes the maps smaller.

    Parameters
    ----------
    channels : int
        Maps that come in.
    width : int
        Maps of the stem; ``8 * width`` go out.

    Returns
    -------
    torch.nn.Sequential
    """
    planes = 2 * width
    return nn.Sequential(
        *_stem_layer(channels, width),
        *_stem_layer(width, width),
        *_stem_layer(width, planes),
        Bottleneck(planes, planes),
        Bottleneck(EXPANSION * planes, planes),
    )


class Bottleneck(nn.Module):
    """Fewer maps, split attention, more maps, beside a shortcut.

    Parameters
    ----------
    channels : int
        Maps that come in.
    planes : int
        Maps of the split attention; four times as many go out.
    """

    def __init__(self, channels, planes):
        super().__init__()
        maps = EXPANSION * planes
        self.main = nn.Sequential(
            *(nn.Conv2d(channels, planes, 1), nn.BatchNorm2d(planes), nn.ReLU()),
            SplitAttention(planes),
            *(nn.Conv2d(planes, maps, 1), nn.BatchNorm2d(maps)),
        )
        self.shortcut = nn.Identity() if channels == maps else _shortcut(channels, maps)
        self.relu = nn.ReLU()

    def forward(self, maps):
        return self.relu(self.shortcut(maps) + self.main(maps))


class SplitAttention(nn.Module):
    """Two splits of a convolution, weighted for each channel by a softmax between them.

    Parameters
    ----------
    channels : int
        Even; as many come in as go out.
    """

    def __init__(self, channels):
        super().__init__()
        both = RADIX * channels
        inner = max(LEAST_INNER, channels * RADIX // 4)
        self.splits = nn.Sequential(
            nn.Conv2d(channels, both, 3, padding=1, groups=RADIX),
            *(nn.BatchNorm2d(both), nn.ReLU()),
        )
        # It normalises one number a channel and picture: training needs two pictures or more.
        self.attention = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            *(nn.Conv2d(channels, inner, 1, bias=False), nn.BatchNorm2d(inner), nn.ReLU()),
            *(nn.Conv2d(inner, both, 1, bias=False), nn.BatchNorm2d(both), nn.ReLU()),
        )

    def forward(self, maps):
        splits = self.splits(maps).unflatten(1, (RADIX, -1))
        weights = self.attention(splits.sum(1)).unflatten(1, (RADIX, -1)).softmax(1)
        return (splits * weights).sum(1)


def _stem_layer(channels, maps):
    return nn.Conv2d(channels, maps, 3, padding=1), nn.BatchNorm2d(maps), nn.ReLU()


def _shortcut(channels, maps):
    return nn.Sequential(
        nn.MaxPool2d(3, stride=1, padding=1),
        *(nn.Conv2d(channels, maps, 1, bias=False), nn.BatchNorm2d(maps)),
    )
