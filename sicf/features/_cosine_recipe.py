"""CosineRecipe: training by gradient descent with momentum, a warm-up and a falling cosine."""

import math

import numpy as np
from sklearn.base import BaseEstimator

from sicf._number_checks import check_number, check_whole_number
from sicf.features._training_recipe import balanced, check_range


class CosineRecipe(BaseEstimator):
    """How a network is trained from scratch; the defaults are those of BgNet's code.

    Parameters
    ----------
    epochs : int, default=20
        Passes over the training pictures, at most.
    learning_rate : float, default=2e-4
        The highest, of stochastic gradient descent.
    momentum : float, default=0.9
        In [0, 1).
    weight_decay : float, default=1e-4
        Added to the gradient, times the weight.
    batch_size : int, default=128
        Pictures in one step; it is part of the result.
    warm_up : int, default=156
        Steps over which the learning rate rises in a line from `warm_up_ratio` times what the
        cosine gives.
    warm_up_ratio : float, default=1e-3
        In (0, 1].
    last_ratio : float, default=1e-3
        Times `learning_rate` is where the cosine ends; in [0, 1].
    class_weight : {"balanced", None} or sequence of float, default="balanced"
        "balanced" weighs each class by one over its share of the pictures that are trained on.
        A sequence holds a weight for each class, in sorted order, such as the code's (0.2, 0.8).
    validation : float, default=0.0
        Share of the patients, or of the pictures where there are no groups, that are not trained
        on: the nearest of a half, a third, a quarter and so on. The weights with the lowest loss on
        them are kept. 0 trains on everybody and keeps the last weights.
    patience : int or None, default=None
        Epochs without a lower validation loss after which training ends. None never ends early.
    n_threads : int, default=1
        Threads of torch while it trains on the CPU; see :class:`TrainingRecipe`.

    See Also
    --------
    ResNetSTClassifier : What is trained by it.
    TrainingRecipe : Adam with a rate that falls in steps, for fine-tuning.

    Notes
    -----
    The cosine falls from step to step over all epochs; the code's falls from epoch to epoch.

    Examples
    --------
    >>> from sicf import CosineRecipe
    >>> recipe = CosineRecipe(epochs=2, warm_up=0)
    >>> [f"{recipe.rate_of(0, step, 2):.5f}" for step in range(2)]
    ['0.00020', '0.00017']
    """

    def __init__(
        self,
        *,
        epochs=20,
        learning_rate=2e-4,
        momentum=0.9,
        weight_decay=1e-4,
        batch_size=128,
        warm_up=156,
        warm_up_ratio=1e-3,
        last_ratio=1e-3,
        class_weight="balanced",
        validation=0.0,
        patience=None,
        n_threads=1,
    ):
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.warm_up = warm_up
        self.warm_up_ratio = warm_up_ratio
        self.last_ratio = last_ratio
        self.class_weight = class_weight
        self.validation = validation
        self.patience = patience
        self.n_threads = n_threads

    def make_optimizer(self, parameters):
        """Make stochastic gradient descent with momentum.

        Parameters
        ----------
        parameters : list of torch.nn.Parameter

        Returns
        -------
        torch.optim.SGD
        """
        import torch

        return torch.optim.SGD(
            parameters,
            lr=self.learning_rate,
            momentum=self.momentum,
            weight_decay=self.weight_decay,
        )

    def weigh_classes(self, counts):
        """Weights of the classes in the loss.

        Parameters
        ----------
        counts : ndarray of int of shape (n_classes,)
            Pictures of each class that are trained on.

        Returns
        -------
        ndarray of shape (n_classes,)
        """
        if self.class_weight is None:
            return np.ones(len(counts))
        if isinstance(self.class_weight, str):
            return balanced(counts)
        weights = np.asarray(self.class_weight, dtype=float)
        if weights.shape != (len(counts),):
            raise ValueError(
                f"class_weight must hold a weight for each of {len(counts)} classes. "
                f"Got {self.class_weight!r} instead."
            )
        return weights

    def rate_of(self, epoch, step, n_steps):
        """Learning rate of a step.

        Parameters
        ----------
        epoch, step : int
            Counted from 0.
        n_steps : int
            Steps of an epoch.

        Returns
        -------
        float
        """
        done = epoch * n_steps + step
        fallen = (1 + math.cos(math.pi * done / (self.epochs * n_steps))) / 2
        rate = self.learning_rate * (self.last_ratio + (1 - self.last_ratio) * fallen)
        if done >= self.warm_up:
            return rate
        return rate * (self.warm_up_ratio + (1 - self.warm_up_ratio) * done / self.warm_up)

    def check(self):
        """Raise where a number is of the wrong kind or out of its range."""
        for name in ("epochs", "batch_size", "n_threads"):
            check_whole_number(name, getattr(self, name))
        check_whole_number("warm_up", self.warm_up, least=0)
        if self.patience is not None:
            check_whole_number("patience", self.patience)
        for name in ("learning_rate", "warm_up_ratio"):
            check_number(name, getattr(self, name), above=0)
        for name in ("warm_up_ratio", "last_ratio"):
            check_range(name, getattr(self, name), 0, 1)
        check_range("momentum", self.momentum, 0, 1, without_highest=True)
        check_range("weight_decay", self.weight_decay, 0, float("inf"))
        check_range("validation", self.validation, 0, 0.5)
        if isinstance(self.class_weight, str) and self.class_weight != "balanced":
            raise ValueError(
                "class_weight must be 'balanced', None or a weight for each class. "
                f"Got {self.class_weight!r} instead."
            )
