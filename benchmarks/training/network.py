"""The strip recogniser's network: convolutions over the strip, then along it, ending in CTC.

A frame is two pixels of the strip wide, so that a 1 between its neighbours keeps frames of its
own. Early layers are thin: they see the most pixels and decide what a training step costs.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

STRIDE = 2
"""Strip pixels a frame."""


def _convolution(
    before: int, after: int, size: int | tuple[int, int], stride: tuple[int, int] = (1, 1)
) -> nn.Sequential:
    across = size if isinstance(size, int) else size[1]
    down = size if isinstance(size, int) else size[0]
    return nn.Sequential(
        nn.Conv2d(before, after, size, stride, (down // 2, across // 2), bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    )


class _Residual(nn.Module):
    """Two convolutions beside a straight path."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _convolution(channels, channels, 3)
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.second(self.first(x)))


class _Along(nn.Module):
    """A look along the strip, over the characters beside a frame."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.look = nn.Sequential(
            nn.Conv2d(
                channels,
                channels,
                (1, 5),
                padding=(0, 2 * dilation),
                dilation=(1, dilation),
                bias=False,
            ),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.look(x))


class StripNetwork(nn.Module):
    """Strips (batch × 2 × 40 × width, 0 paper to 1 ink) → logits (batch × frames × classes)."""

    def __init__(
        self, classes: int, channels: tuple[int, int, int, int] = (20, 40, 72, 128)
    ) -> None:
        super().__init__()
        a, b, c, d = channels
        self.seeing = nn.Sequential(
            _convolution(2, a, 5, (2, 2)),  # 20 × width / 2
            _convolution(a, a, 3),
            _convolution(a, b, 3, (2, 1)),  # 10
            _Residual(b),
            _convolution(b, c, 3, (2, 1)),  # 5
            _Residual(c),
            nn.Conv2d(c, d, (5, 1), bias=False),  # 1
            nn.BatchNorm2d(d),
            nn.ReLU(inplace=True),
        )
        self.along = nn.Sequential(_Along(d, 1), _Along(d, 2), _Along(d, 4))
        self.drop = nn.Dropout(0.1)
        self.answer = nn.Conv2d(d, classes, 1)

    def forward(self, strips: Tensor) -> Tensor:
        seen = self.along(self.seeing(strips))
        return self.answer(self.drop(seen)).squeeze(2).transpose(1, 2)
