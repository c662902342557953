"""ResNetST: the lower half of a ResNet50, and on it the two middle stages of a Swin transformer."""

import torch
from torch import nn
from torchvision.models.resnet import Bottleneck
from torchvision.models.swin_transformer import PatchMerging, SwinTransformerBlock

MLP_RATIO = 4


class ResNetST(nn.Module):
    """Pictures to scores, as BgNet's text and code have it.

    Parameters
    ----------
    n_outputs : int, default=1
    width : int, default=64
        Channels after the stem. The maps then have 4 and 8 times as many; 64 is ResNet50's.
    blocks : (int, int), default=(3, 4)
        Bottlenecks of the two layers.
    dim : int, default=192
        Channels of the first transformer stage; twice as many in the second.
    depths : (int, int), default=(2, 18)
        Transformer blocks of the two stages.
    heads : (int, int), default=(6, 12)
    window : int, default=7
    hidden : int, default=512
        Between the two linear layers of the head; there is no activation there.
    input_size : int, default=224
        Side in pixels, a multiple of 8.
    stochastic_depth : float, default=0.3
        Probability with which the last block is skipped in training; it rises evenly from 0.
    """

    def __init__(
        self,
        n_outputs=1,
        *,
        width=64,
        blocks=(3, 4),
        dim=192,
        depths=(2, 18),
        heads=(6, 12),
        window=7,
        hidden=512,
        input_size=224,
        stochastic_depth=0.3,
    ):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2, padding=1),
        )
        self.layer1 = _bottlenecks(width, width, blocks[0], 1)
        self.layer2 = _bottlenecks(4 * width, 2 * width, blocks[1], 2)
        self.bridge = nn.Sequential(
            nn.Conv2d(8 * width, dim, 3, padding=1),
            nn.BatchNorm2d(dim),
            nn.ReLU(inplace=True),
        )
        side = input_size // 8
        self.position = nn.Parameter(torch.zeros(1, side, side, dim))
        skipped = torch.linspace(0, stochastic_depth, sum(depths), device="cpu").tolist()
        self.stage1 = _stage(dim, heads[0], window, skipped[: depths[0]])
        self.stage2 = _stage(2 * dim, heads[1], window, skipped[depths[0] :])
        self.norm = nn.LayerNorm(4 * dim)
        self.reduce = nn.Linear(4 * dim, hidden)
        self.head = nn.Linear(hidden, n_outputs)
        self._initialise()

    def forward(self, pictures):
        """Scores of pictures of shape (b, 3, input_size, input_size), shape (b, n_outputs)."""
        maps = self.bridge(self.layer2(self.layer1(self.stem(_z_scored(pictures)))))
        tokens = maps.permute(0, 2, 3, 1) + self.position
        tokens = self.norm(self.stage2(self.stage1(tokens)))
        return self.head(self.reduce(tokens.mean(dim=(1, 2))))

    def _initialise(self):
        """Convolutions as torchvision's ResNet has them; linear layers as its Swin transformer."""
        nn.init.trunc_normal_(self.position, std=0.02)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)


def _bottlenecks(before, planes, n_blocks, stride):
    shortcut = nn.Sequential(
        nn.Conv2d(before, 4 * planes, 1, stride=stride, bias=False), nn.BatchNorm2d(4 * planes)
    )
    first = Bottleneck(before, planes, stride, shortcut)
    return nn.Sequential(first, *(Bottleneck(4 * planes, planes) for _ in range(n_blocks - 1)))


def _stage(dim, heads, window, skipped):
    """Blocks whose windows are shifted in every second one, and the merging of four places."""
    blocks = [
        SwinTransformerBlock(
            dim,
            heads,
            window_size=[window, window],
            shift_size=[window // 2 * (number % 2)] * 2,
            mlp_ratio=MLP_RATIO,
            stochastic_depth_prob=probability,
        )
        for number, probability in enumerate(skipped)
    ]
    return nn.Sequential(*blocks, PatchMerging(dim))


def _z_scored(pictures):
    """Each picture, channel by channel, to mean 0 and standard deviation 1; a flat one to 0."""
    deviation, mean = torch.std_mean(pictures, dim=(2, 3), correction=0, keepdim=True)
    return (pictures - mean) / deviation.clamp(min=1e-6)
