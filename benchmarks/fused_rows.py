"""Table 3's row of MedFusionGAN: sequences are fused into one picture before the features.

The paper does not say how it made a classifier of MedFusionGAN. Here SIFT, VGG16 and the forest see
the fused picture, and DenseFuse and FusionGAN stand in the same place beside it. Each fuser is
trained on phantoms of other patients, as large as a laptop trains in seconds, and then frozen: that
shows that the systems run, and says nothing about what they can do.

`benchmarks.paper_tables --data phantoms` has these rows among the others. By themselves:

    python -m benchmarks.fused_rows [--fast] [--rows NAME ...] [--patients 60] [--threads 2]

TSJNet is left out with ``--fast``, unless it is named.
"""

import argparse
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch

from sicf import (
    DenseFuse,
    FusionGAN,
    MedFusionGAN,
    TSJNet,
    evaluate,
    make_sicf_variant,
    make_spine_phantoms,
)

OTHER_SEED = 1000
# Of the training. After one epoch a picture may still be one grey, in which SIFT finds nothing.
# A row costs a minute of processor time, most of it VGG16's; TSJNet's costs ten, since it takes two
# seconds for a picture.
QUICK = ("MedFusionGAN", "DenseFuse", "FusionGAN")
FAST = {"patients": 10, "epochs": 4, "rows": QUICK}
WHOLE = {"patients": 30, "epochs": 20, "rows": (*QUICK, "TSJNet")}
# Learning rates are higher than the defaults, which are for many more steps.
SMALL = {
    "MedFusionGAN": (
        MedFusionGAN,
        {
            "base_channels": 4,
            "n_down": 3,
            "perceptual_weights": None,
            "patch_size": 64,
            "batch_size": 4,
            "learning_rate": 1e-3,
        },
    ),
    "DenseFuse": (DenseFuse, {"base_channels": 8}),
    "FusionGAN": (
        FusionGAN,
        {"base_channels": 16, "n_patches": 1, "patch_size": 64, "learning_rate": 1e-3},
    ),
    "TSJNet": (
        TSJNet,
        {"width": 16, "depths": (1,), "window": 3, "patch_size": 32, "learning_rate": 1e-3},
    ),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="a short training")
    parser.add_argument("--rows", nargs="+", choices=list(SMALL))
    parser.add_argument("--patients", type=int, default=60)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    data = make_spine_phantoms(options.patients, random_state=0)
    print(fusers_text(options.fast, options.rows))
    with tempfile.TemporaryDirectory() as folder:
        rows = FusedRows(options.fast, Path(folder) / "rows", folder, options.threads, 0)
        pipelines = rows.pipelines(options.rows)
        print(f"trained: {sum(os.times()[:4]):.0f} s of processor time", flush=True)
        for name, pipeline in pipelines.items():
            print(row_text(name, pipeline, data), flush=True)


def row_text(name, pipeline, data):
    before = sum(os.times()[:4])
    result = evaluate(
        {name: pipeline}, data.images, data.target, groups=data.groups, random_state=0
    )
    found = result.metrics(name)
    seconds = sum(os.times()[:4]) - before
    return (
        f"{name}: accuracy {found['accuracy']}, AUC {found['AUC']}, "
        f"{seconds:.0f} s of processor time"
    )


@dataclass
class FusedRows:
    """What all rows share.

    Parameters
    ----------
    fast : bool
    cache, folder : Path
        Folder of rows, and of the fusers' weights.
    threads, seed : int
    """

    fast: bool
    cache: Path
    folder: Path
    threads: int
    seed: int

    def pipelines(self, names=None):
        """Make a pipeline for each fuser, trained.

        Parameters
        ----------
        names : sequence of str, default=None
            Fusers of `SMALL`. None takes those of the training.

        Returns
        -------
        dict of str to Pipeline
        """
        training = FAST if self.fast else WHOLE
        others = make_spine_phantoms(training["patients"], random_state=OTHER_SEED + self.seed)
        pictures = self._pipeline(None)[:2].fit_transform(others.images)
        return {
            name: self._pipeline(self._trained(name, pictures, training["epochs"]))
            for name in names or training["rows"]
        }

    def _trained(self, name, pictures, epochs):
        """A fuser that has learnt and is frozen, so that pictures are fused once for all folds."""
        make, small = SMALL[name]
        how = {"epochs": epochs, "n_threads": self.threads, "random_state": self.seed}
        path = Path(self.folder) / f"{name}.safetensors"
        path.write_bytes(make(**small, **how).fit(pictures).weights_)
        return make(**small, weights=path, n_threads=self.threads)

    def _pipeline(self, fuser):
        return make_sicf_variant(
            selector=None,
            fuser=fuser,
            weights=None,
            cache=self.cache,
            n_jobs=self.threads,
            random_state=self.seed,
        )


def fusers_text(fast, names=None):
    """What the caption says of these rows."""
    training = FAST if fast else WHOLE
    sizes = [f"{name} ({_maps(name)} maps)" for name in names or training["rows"]]
    return (
        f"{', '.join(sizes)}: before SIFT + VGG16 and the forest, trained for {training['epochs']} "
        f"epochs on {training['patients']} other phantom patients: a tiny training, from which "
        "nothing follows about the published ones."
    )


def _maps(name):
    settings = SMALL[name][1]
    return settings["base_channels"] if "base_channels" in settings else settings["width"]


if __name__ == "__main__":
    main()
