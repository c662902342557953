"""The one loop that trains every fusion network, alone or against a discriminator."""

import math
from contextlib import nullcontext
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import save

from sicf._worker_threads import torch_threads
from sicf.features._seeded_torch import seeded_torch

# As torch's ReduceLROnPlateau: a loss that is not lower by so much is no better.
THRESHOLD = 1e-4
PLATEAU_FACTOR = 0.1


@dataclass(frozen=True)
class FuserRecipe:
    """The numbers by which a fusion network is trained, by Adam.

    Parameters
    ----------
    epochs, batch_size : int
    learning_rate : float
    betas : (float, float), default=(0.9, 0.999)
    weight_decay : float, default=0.0
    max_norm : float, default=None
        Length beyond which a step's gradient is cut. None never cuts.
    patience : int, default=None
        Epochs without a lower loss, beyond which the learning rate becomes a tenth. None keeps it.
    is_falling : bool, default=False
        Whether the learning rate falls with the epochs by a half cosine, towards 0.
    n_threads : int, default=1
        Of torch on the CPU; the last digits of the weights depend on it.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    betas: tuple = (0.9, 0.999)
    weight_decay: float = 0.0
    max_norm: float | None = None
    patience: int | None = None
    is_falling: bool = False
    n_threads: int = 1

    def rate_after(self, losses):
        """Learning rate of the epoch that follows those with these losses."""
        rate, best, worse = self.learning_rate, math.inf, 0
        if self.is_falling:
            rate *= (1 + math.cos(math.pi * len(losses) / self.epochs)) / 2
        for loss in losses if self.patience is not None else ():
            is_better = loss < best * (1 - THRESHOLD)
            best, worse = (loss, 0) if is_better else (best, worse + 1)
            if worse > self.patience:
                rate, worse = rate * PLATEAU_FACTOR, 0
        return rate


class Phase(NamedTuple):
    """One part of a step of training.

    Parameters
    ----------
    name : str
        Of its column in the loss curve.
    network : torch.nn.Module
        What it trains.
    loss : callable
        Of `Patches`; gives a scalar Tensor.
    repeats : int, default=1
    """

    name: str
    network: torch.nn.Module
    loss: object
    repeats: int = 1


class FuserTraining:
    """One training run, which goes on from where its file says.

    Everything that is drawn comes from the seed, the epoch and the number of the step, so that no
    generator has a state to be kept.

    Parameters
    ----------
    phases : list of Phase
        The last one trains the fuser.
    patches : TrainingPatches
    recipe : FuserRecipe
    seed : int
    file : TrainingFile or NoTrainingFile
    title : str, default=None
        Heads a progress bar. None shows no bar.
    """

    def __init__(self, phases, patches, recipe, seed, file, title=None):
        self.phases = phases
        self.patches = patches
        self.recipe = recipe
        self.seed = seed
        self.file = file
        self.title = title
        self.curve = []
        self.optimizers = {
            phase.name: torch.optim.Adam(
                phase.network.parameters(),
                lr=recipe.learning_rate,
                betas=recipe.betas,
                weight_decay=recipe.weight_decay,
            )
            for phase in phases
        }

    def run(self):
        """Train to the end.

        Returns
        -------
        bytes
            The fuser's weights, as safetensors.
        """
        on_cpu = self.patches.device.type == "cpu"
        with torch_threads(self.recipe.n_threads) if on_cpu else nullcontext():
            saved = self.file.load()
            if saved is not None:
                self._restore(*saved)
            with self._bar() as bar:
                while len(self.curve) < self.recipe.epochs:
                    self._run_epoch(len(self.curve))
                    is_last = len(self.curve) == self.recipe.epochs
                    self.file.save(self._state, {"curve": self.curve}, must=is_last)
                    bar.update()
                    bar.set_postfix(loss=f"{self.curve[-1][self.phases[-1].name]:.4g}")
        state = self.phases[-1].network.state_dict()
        return save({name: tensor.cpu().contiguous() for name, tensor in state.items()})

    def _run_epoch(self, epoch):
        rate = self.recipe.rate_after([row[self.phases[-1].name] for row in self.curve])
        for phase in self.phases:
            phase.network.train()
            for group in self.optimizers[phase.name].param_groups:
                group["lr"] = rate
        order = np.random.default_rng([self.seed, epoch]).permutation(len(self.patches))
        totals = dict.fromkeys(self.optimizers, 0.0)
        for step, rows in enumerate(steps(order, self.recipe.batch_size)):
            patches = self.patches.take(rows, epoch)
            key = np.random.SeedSequence([self.seed, epoch, step]).generate_state(1)
            with seeded_torch(int(key[0])):
                for phase in self.phases:
                    totals[phase.name] += len(rows) * self._train(phase, patches, epoch, step)
        losses = {name: total / len(self.patches) for name, total in totals.items()}
        self.curve.append({"epoch": epoch, **losses, "learning_rate": rate})

    def _train(self, phase, patches, epoch, step):
        """Take the steps of one phase; give the loss before the last one."""
        optimizer = self.optimizers[phase.name]
        for _ in range(phase.repeats):
            loss = phase.loss(patches)
            if not math.isfinite(loss.item()):
                raise ValueError(
                    f"The {phase.name} must stay finite; try a lower learning_rate. "
                    f"Epoch {epoch}, step {step} came to {loss.item()}."
                )
            optimizer.zero_grad()
            loss.backward()
            if self.recipe.max_norm is not None:
                torch.nn.utils.clip_grad_norm_(phase.network.parameters(), self.recipe.max_norm)
            optimizer.step()
        return loss.item()

    def _state(self):
        state = {}
        for phase in self.phases:
            tensors = phase.network.state_dict()
            state |= {f"network.{phase.name}.{name}": tensor for name, tensor in tensors.items()}
            for number, moments in self.optimizers[phase.name].state_dict()["state"].items():
                state |= {
                    f"adam.{phase.name}.{number}.{name}": moment for name, moment in moments.items()
                }
        return state

    def _restore(self, state, text):
        for phase in self.phases:
            phase.network.load_state_dict(_below(state, f"network.{phase.name}."))
            moments = {}
            for name, moment in _below(state, f"adam.{phase.name}.").items():
                number, _, kind = name.partition(".")
                moments.setdefault(int(number), {})[kind] = moment
            optimizer = self.optimizers[phase.name]
            groups = optimizer.state_dict()["param_groups"]
            optimizer.load_state_dict({"state": moments, "param_groups": groups})
        self.curve = text["curve"]

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


def steps(rows, size):
    """Rows in batches; a last one of a single row joins the one before it.

    A normalisation over one row would leave nothing of it.
    """
    ends = list(range(size, len(rows), size))
    if ends and len(rows) - ends[-1] == 1 and size > 1:
        ends.pop()
    return np.split(rows, ends)


def _below(state, start):
    return {name.removeprefix(start): t for name, t in state.items() if name.startswith(start)}
