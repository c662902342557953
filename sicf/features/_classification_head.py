"""The network up to the embedding, and on it a classifier that is thrown away after training."""

import torch

from sicf.features._network import run_to_layer


class WholeNetwork(torch.nn.Module):
    """Pictures to embeddings by the whole network up to the layer.

    Parameters
    ----------
    network : torch.nn.Module
    layer : str
    flatten : callable
        Output of the layer to rows.
    trained : list of str
        Modules that are in training mode while the classifier is.
    """

    def __init__(self, network, layer, flatten, trained):
        super().__init__()
        self.network = network
        self.layer = layer
        self.flatten = flatten
        self.trained = trained

    def train(self, mode=True):
        """Put the trained modules into training mode; the others stay in evaluation mode."""
        super().train(False)
        for name in self.trained:
            self.network.get_submodule(name).train(mode)
        return self

    def forward(self, pictures):
        return self.flatten(run_to_layer(self.network, self.layer, pictures))


class Chain(torch.nn.Module):
    """What the trained modules are given to embeddings, by these modules alone.

    Parameters
    ----------
    network : torch.nn.Module
    modules : list of str
    flatten : callable
    """

    def __init__(self, network, modules, flatten):
        super().__init__()
        self.chain = torch.nn.Sequential(*(network.get_submodule(name) for name in modules))
        self.flatten = flatten

    def forward(self, inputs):
        return self.flatten(self.chain(inputs))


class Classifier(torch.nn.Module):
    """Embeds the sequences of each image, fuses them as the embedder does, and classifies.

    Parameters
    ----------
    body : torch.nn.Module
        Pictures, or what stands for them, to embeddings of shape (b * per_image, width).
    per_image : int
        Pictures that make one image.
    fusion : {"mean", "max", "concat"}
    width : int
        Columns of an image's row.
    n_classes : int
    dropout : float
    """

    def __init__(self, body, per_image, fusion, width, n_classes, dropout):
        super().__init__()
        self.body = body
        self.per_image = per_image
        self.fusion = fusion
        self.dropout = torch.nn.Dropout(dropout)
        self.head = torch.nn.Linear(width, n_classes)

    def forward(self, pictures):
        rows = self.body(pictures)
        rows = rows.reshape(-1, self.per_image, rows.shape[1])
        return self.head(self.dropout(_fuse(rows, self.fusion)))


def _fuse(rows, how):
    if how == "concat":
        return rows.flatten(1)
    return rows.mean(dim=1) if how == "mean" else rows.amax(dim=1)
