"""TrainingRecipe: the numbers by which a network is trained."""

import numpy as np
from sklearn.base import BaseEstimator

from sicf._number_checks import check_number, check_whole_number


class TrainingRecipe(BaseEstimator):
    """How a network is fine-tuned; the defaults are the paper's, where it gives them.

    Parameters
    ----------
    epochs : int, default=100
        Passes over the training pictures, at most.
    learning_rate : float, default=1e-4
        Of Adam [1]_.
    weight_decay : float, default=1e-5
        Of Adam: added to the gradient, times the weight.
    batch_size : int, default=16
        Images in one step; unlike the embedder's it is part of the result.
    dropout : float, default=0.3
        Share of the embedding's columns that the classifier is not shown in a step, in [0, 1).
    step_size : int, default=30
        After so many epochs the learning rate is multiplied by `gamma`, again and again.
    gamma : float, default=0.1
        In (0, 1].
    class_weight : {"balanced", None}, default="balanced"
        "balanced" weighs each class by one over its share of the images that are trained on.
    validation : float, default=0.15
        Share of the patients, or of the images where there are no groups, that are not trained on:
        the nearest of a half, a third, a quarter and so on. The weights with the lowest loss on
        them are kept. 0 trains on everybody and keeps the last weights.
    patience : int or None, default=10
        Epochs without a lower validation loss after which training ends. None never ends early.
    n_threads : int, default=1
        Threads of torch while it trains on the CPU. Sums, and so the weights' last digits, depend
        on their number, so it is fixed here and not taken from the machine.

    See Also
    --------
    TorchEmbedder : Its `fine_tune` is what trains.

    Notes
    -----
    The paper [2]_ lists Adam, learning rate, weight decay, batch size, dropout, epochs and the
    steps of the learning rate, and a validation set of 15 %. Class weights, early stopping and the
    choice of the best weights are ours.

    References
    ----------
    .. [1] D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015.
       :doi:`10.48550/arXiv.1412.6980`
    .. [2] Z. Shi et al., "An intelligent MRI data fusion framework for optimized diagnosis of
       spinal tumors", Frontiers in Medicine 12, 2025. :doi:`10.3389/fmed.2025.1606570`

    Examples
    --------
    >>> from sicf import TrainingRecipe, VGG16Embedder
    >>> embedder = VGG16Embedder(fine_tune="head", training=TrainingRecipe(epochs=20))
    >>> embedder.set_params(training__patience=5).training
    TrainingRecipe(epochs=20, patience=5)
    """

    def __init__(
        self,
        *,
        epochs=100,
        learning_rate=1e-4,
        weight_decay=1e-5,
        batch_size=16,
        dropout=0.3,
        step_size=30,
        gamma=0.1,
        class_weight="balanced",
        validation=0.15,
        patience=10,
        n_threads=1,
    ):
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.dropout = dropout
        self.step_size = step_size
        self.gamma = gamma
        self.class_weight = class_weight
        self.validation = validation
        self.patience = patience
        self.n_threads = n_threads

    def make_optimizer(self, parameters):
        """Make Adam, with its learning rate and weight decay.

        Parameters
        ----------
        parameters : list of torch.nn.Parameter

        Returns
        -------
        torch.optim.Adam
        """
        import torch

        return torch.optim.Adam(parameters, lr=self.learning_rate, weight_decay=self.weight_decay)

    def weigh_classes(self, counts):
        """Weights of the classes in the loss.

        Parameters
        ----------
        counts : ndarray of int of shape (n_classes,)
            Images of each class that are trained on.

        Returns
        -------
        ndarray of shape (n_classes,)
        """
        return balanced(counts) if self.class_weight == "balanced" else np.ones(len(counts))

    def rate_of(self, epoch, step=0, n_steps=1):
        """Learning rate of an epoch, counted from 0: that of torch's ``StepLR``.

        Parameters
        ----------
        epoch : int
        step, n_steps : int
            The same for every step of an epoch.

        Returns
        -------
        float
        """
        return self.learning_rate * self.gamma ** (epoch // self.step_size)

    def check(self):
        """Raise where a number is of the wrong kind or out of its range."""
        for name in ("epochs", "batch_size", "step_size", "n_threads"):
            check_whole_number(name, getattr(self, name))
        if self.patience is not None:
            check_whole_number("patience", self.patience)
        check_number("learning_rate", self.learning_rate, above=0)
        check_range("weight_decay", self.weight_decay, 0, float("inf"))
        check_range("dropout", self.dropout, 0, 1, without_highest=True)
        check_number("gamma", self.gamma, above=0)
        check_range("gamma", self.gamma, 0, 1)
        check_range("validation", self.validation, 0, 0.5)
        if self.class_weight not in ("balanced", None):
            raise ValueError(
                f"class_weight must be 'balanced' or None. Got {self.class_weight!r} instead."
            )


def balanced(counts):
    """One over each class's share, so that all classes weigh the same; their mean is 1."""
    return counts.sum() / (len(counts) * counts)


def check_range(name, value, lowest, highest, without_highest=False):
    check_number(name, value)
    if not lowest <= value <= highest or (without_highest and value == highest):
        end = "below" if without_highest else "to"
        wanted = f"lie in {lowest} {end} {highest}" if highest != float("inf") else "be at least 0"
        raise ValueError(f"{name} must {wanted}. Got {value!r} instead.")
