"""Epochs over a classifier: an optimizer, a learning rate, class weights, early stopping."""

import math

import numpy as np
import torch

from sicf.features._seeded_torch import seeded_torch


class TrainingLoop:
    """One training run, which goes on from where its file says.

    Everything that is drawn comes from the seed, the epoch and the number of the step, so that no
    generator has a state to be kept.

    Parameters
    ----------
    classifier : torch.nn.Module
    tensors : dict of str to Tensor
        What training changes, parameters and buffers, by the name under which it is kept.
    pictures : TrainingPictures
    target : ndarray of int of shape (n,)
    split : (ndarray of int, ndarray of int)
        Rows that are trained and validated on.
    recipe : TrainingRecipe or CosineRecipe
    seed : int
    file : TrainingFile or NoTrainingFile
    title : str, default=None
        Heads a progress bar. None shows no bar.
    """

    def __init__(
        self, classifier, tensors, pictures, target, split, recipe, seed, file, title=None
    ):
        self.classifier = classifier
        self.tensors = tensors
        self.pictures = pictures
        self.training, self.validation = split
        self.recipe = recipe
        self.seed = seed
        self.file = file
        self.title = title
        self.device = pictures.device
        self.target = torch.from_numpy(np.asarray(target, np.int64)).to(self.device)
        self.class_weight = self._weigh_classes(target)
        trained = [p for p in classifier.parameters() if p.requires_grad]
        self.optimizer = recipe.make_optimizer(trained)
        self.precision = _half_precision(self.device)
        self.scaler = torch.amp.GradScaler(
            self.device.type, enabled=self.precision is torch.float16
        )
        self.curve = []
        self.best = None

    @property
    def best_epoch(self):
        """The epoch whose weights are kept: that with the lowest validation loss, or the last."""
        if not self.validation.size:
            return len(self.curve) - 1
        return min(range(len(self.curve)), key=lambda t: self.curve[t]["validation_loss"])

    def run(self, saved=None):
        """Train to the end.

        Parameters
        ----------
        saved : (dict, dict), default=None
            What the file holds.

        Returns
        -------
        dict of str to Tensor
            The best weights, on the CPU.
        """
        if saved is not None:
            self._restore(*saved)
        augments = self.pictures.augmenter is not None
        self.pictures.keep(
            self.validation if augments else np.concatenate([self.training, self.validation])
        )
        with self._bar() as bar:
            while not self._is_over():
                self._run_epoch(len(self.curve))
                self.file.save(self._state, self._text(), must=self._is_over())
                bar.update()
                bar.set_postfix(loss=f"{self.curve[-1]['training_loss']:.3f}")
        return self._best_weights()

    def _run_epoch(self, epoch):
        row = {
            "epoch": epoch,
            "training_loss": self._train(epoch),
            "validation_loss": self._validate(),
            "learning_rate": self.optimizer.param_groups[0]["lr"],
        }
        self.curve.append(row)
        if self.validation.size and self.best_epoch == epoch:
            self.best = {name: t.detach().cpu().clone() for name, t in self.tensors.items()}

    def _train(self, epoch):
        self.classifier.train()
        order = np.random.default_rng([self.seed, epoch]).permutation(self.training)
        total = weight = 0.0
        steps = _steps(order, self.recipe.batch_size)
        for step, rows in enumerate(steps):
            for group in self.optimizer.param_groups:
                group["lr"] = self.recipe.rate_of(epoch, step, len(steps))
            pictures = self.pictures.take(rows, epoch)
            key = np.random.SeedSequence([self.seed, epoch, step]).generate_state(1)
            with seeded_torch(int(key[0])):
                losses, weights = self._losses(pictures, rows)
            loss = losses / weights
            if not math.isfinite(loss.item()):
                raise ValueError(
                    "The training loss must stay finite; try a lower learning_rate. "
                    f"Epoch {epoch}, step {step} came to {loss.item()}."
                )
            self.optimizer.zero_grad()
            self.scaler.scale(loss).backward()
            self.scaler.step(self.optimizer)
            self.scaler.update()
            total, weight = total + losses.item(), weight + weights.item()
        return total / weight

    def _validate(self):
        if not self.validation.size:
            return math.nan
        self.classifier.eval()
        total = weight = 0.0
        with torch.no_grad():
            for rows in _steps(self.validation, self.recipe.batch_size):
                losses, weights = self._losses(self.pictures.take(rows), rows)
                total, weight = total + losses.item(), weight + weights.item()
        return total / weight

    def _losses(self, pictures, rows):
        """Weighted sum of the cross-entropies of some images, and the sum of their weights."""
        mixed = self.precision is not None
        target = self.target[torch.from_numpy(rows)]
        with torch.autocast(self.device.type, dtype=self.precision, enabled=mixed):
            scores = self.classifier(pictures)
        losses = torch.nn.functional.cross_entropy(
            scores.float(), target, weight=self.class_weight, reduction="sum"
        )
        return losses, self.class_weight[target].sum()

    def _is_over(self):
        epochs, patience = len(self.curve), self.recipe.patience
        if epochs >= self.recipe.epochs:
            return True
        if not epochs or patience is None or not self.validation.size:
            return False
        return epochs - 1 - self.best_epoch >= patience

    def _best_weights(self):
        source = self.tensors if self.best is None else self.best
        return {name: t.detach().cpu().contiguous() for name, t in source.items()}

    def _weigh_classes(self, target):
        weights = self.recipe.weigh_classes(np.bincount(target[self.training]))
        return torch.tensor(weights, dtype=torch.float32, device=self.device)

    def _state(self):
        state = {f"now.{name}": tensor for name, tensor in self.tensors.items()}
        state |= {f"best.{name}": tensor for name, tensor in (self.best or {}).items()}
        state |= {f"head.{name}": t for name, t in self.classifier.head.state_dict().items()}
        for number, moments in self.optimizer.state_dict()["state"].items():
            state |= {f"adam.{number}.{name}": moment for name, moment in moments.items()}
        return state

    def _text(self):
        return {"curve": self.curve, "scaler": self.scaler.state_dict()}

    def _restore(self, state, text):
        parts = {"now": {}, "best": {}, "head": {}, "adam": {}}
        for name, tensor in state.items():
            kind, _, rest = name.partition(".")
            parts[kind][rest] = tensor
        with torch.no_grad():
            for name, tensor in self.tensors.items():
                tensor.copy_(parts["now"][name])
        self.classifier.head.load_state_dict(parts["head"])
        moments = {}
        for name, moment in parts["adam"].items():
            number, _, kind = name.partition(".")
            moments.setdefault(int(number), {})[kind] = moment
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": moments, "param_groups": groups})
        self.scaler.load_state_dict(text["scaler"])
        self.curve = text["curve"]
        self.best = parts["best"] or None

    def _bar(self):
        from tqdm.auto import tqdm

        return tqdm(
            desc=self.title,
            total=self.recipe.epochs,
            initial=len(self.curve),
            unit="epoch",
            leave=False,
            disable=self.title is None,
        )


def _steps(rows, size):
    """Rows in batches; a last one of a single row joins the one before it.

    A normalisation over one row would leave nothing of it.
    """
    ends = list(range(size, len(rows), size))
    if ends and len(rows) - ends[-1] == 1 and size > 1:
        ends.pop()
    return np.split(rows, ends)


def _half_precision(device):
    """The precision of mixed training on a GPU; None elsewhere."""
    if device.type != "cuda":
        return None
    has_own = torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if has_own else torch.float16
