"""What selecting columns before cross-validation does, where there is nothing to find.

120 patients with two rows each and 500 columns of noise. Labels are shuffled between patients,
again and again, so that whatever a classifier scores above chance is a leak. Each time the 20
columns that tell the classes best are selected twice: inside the training folds, as a pipeline
that `evaluate` is given does, and once before, on all patients.

    python examples/selection_leak.py [--shuffles 100] [--lyrebird] [--output demo-output]

Two areas under the ROC curve are printed. The mean over folds has chance, 0.5, for its expectation.
The area pooled over all folds compares scores of different models, and is known to be pessimistic
[1]: whoever is tested is missing from the training part, so where folds differ in their share of a
class, the model of the fold with more of it has seen less of it, and scores it lower. How far the
pooled area then lies below 0.5 depends on how much of a score is that share. Stratified folds, as
`evaluate` draws them, differ little, and no pessimism is to be seen; 30 folds of four patients that
are not stratified show it, for a logistic regression shrunk towards the share and, at the extreme,
for a classifier that knows nothing else.

[1] Airola et al. (2011), An experimental comparison of cross-validation techniques for estimating
the area under the ROC curve, Comput. Stat. Data Anal. 55, 1828-1844. doi:10.1016/j.csda.2010.11.018
"""

import argparse
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline

from sicf import LyrebirdSelector, evaluate
from sicf.evaluation import permute_by_group

CHANCE = 0.5
N_PATIENTS, N_ROWS, N_COLUMNS, N_SELECTED = 120, 2, 500, 20
INSIDE, OUTSIDE = "selected inside the folds", "selected before, on everybody"
SHRUNK, PRIOR = "30 unstratified folds, shrunk logistic", "30 unstratified folds, class share"
OF_FOLDS, POOLED = "mean over folds", "pooled"


def main():
    options = parse_options()
    options.output.mkdir(parents=True, exist_ok=True)
    make = lyrebird_and_forest if options.lyrebird else best_and_logistic
    found = Parallel(n_jobs=options.jobs)(
        delayed(one_shuffle)(*make(), seed) for seed in range(options.shuffles)
    )
    areas = {key: np.array([each[key] for each in found]) for key in found[0]}
    print(table(areas))
    path = options.output / "selection_leak.png"
    draw(areas, path)
    print(f"\n{verdict(areas)}\nThe figure is {path}.")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shuffles", type=int, default=100)
    parser.add_argument(
        "--lyrebird", action="store_true", help="select by the Lyrebird search with a small forest"
    )
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--output", type=Path, default=Path("demo-output"))
    return parser.parse_args()


def best_and_logistic():
    """The selector and the classifier after it."""
    return SelectKBest(k=N_SELECTED), LogisticRegression()


def lyrebird_and_forest():
    forest = RandomForestClassifier(10, max_depth=5, random_state=0)
    selector = LyrebirdSelector(forest, population_size=4, max_iter=2, cv=3, random_state=0)
    return selector, forest


def one_shuffle(selector, classifier, seed):
    """Both areas of both ways for one shuffle of the labels."""
    X, y, groups = cohort(seed)
    options = {"groups": groups, "random_state": seed, "n_bootstrap": 1}
    pipeline = make_pipeline(selector, classifier)
    inside = evaluate(pipeline, X, y, **options)
    small = GroupKFold(30, shuffle=True, random_state=seed)
    shrunk = make_pipeline(SelectKBest(k=N_SELECTED), LogisticRegression(C=1e-3))
    pessimistic = evaluate(
        {SHRUNK: shrunk, PRIOR: DummyClassifier(strategy="prior")}, X, y, outer=small, **options
    )
    asks = {"groups": groups} if isinstance(selector, LyrebirdSelector) else {}
    # The leak: the selector sees everybody, those of the test folds included.
    chosen = selector.fit(X, y, **asks).transform(X)
    outside = evaluate(classifier, chosen, y, **options)
    return {
        (INSIDE, OF_FOLDS): area_of_folds(inside),
        (INSIDE, POOLED): inside.metrics()["AUC"].value,
        (OUTSIDE, OF_FOLDS): area_of_folds(outside),
        (OUTSIDE, POOLED): outside.metrics()["AUC"].value,
        (SHRUNK, POOLED): pessimistic.metrics(SHRUNK)["AUC"].value,
        (PRIOR, POOLED): pessimistic.metrics(PRIOR)["AUC"].value,
    }


def cohort(seed):
    """Noise, alike within a patient, and labels shuffled between patients."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(N_PATIENTS), N_ROWS)
    X = rng.normal(size=(N_PATIENTS, N_COLUMNS))[groups]
    X += 0.3 * rng.normal(size=X.shape)
    y = permute_by_group(groups % 2, groups, random_state=seed)
    return X, y, groups


def area_of_folds(result):
    """The area of every fold, averaged."""
    ((scores,),) = result.scores.values()
    (fold,), score = result.fold, scores[:, 1]
    areas = [roc_auc_score(result.target[fold == k], score[fold == k]) for k in np.unique(fold)]
    return np.mean(areas)


def table(areas):
    lines = [
        "| columns | AUC | mean | standard error | standard errors from chance |",
        "|---" * 5 + "|",
    ]
    for (way, kind), values in areas.items():
        error, distance = from_chance(values)
        lines.append(f"| {way} | {kind} | {values.mean():.3f} | {error:.4f} | {distance:+.1f} |")
    return "\n".join(lines)


def from_chance(values):
    error = values.std(ddof=1) / np.sqrt(len(values))
    return error, (values.mean() - CHANCE) / error


def verdict(areas):
    _, distance = from_chance(areas[INSIDE, OF_FOLDS])
    within = "within" if abs(distance) < 3 else "NOT within"
    return (
        f"Selected inside, the area averaged over folds is {within} 3 standard errors of chance; "
        f"selected before, it reads {areas[OUTSIDE, OF_FOLDS].mean():.2f} with nothing to find."
    )


def draw(areas, path):
    """The areas of both ways, averaged over folds, one dot a shuffle."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.2, 2.8), layout="constrained")
    rng = np.random.default_rng(0)
    for row, (way, color) in enumerate(((INSIDE, "#0072B2"), (OUTSIDE, "#D55E00"))):
        values = areas[way, OF_FOLDS]
        at = row + rng.uniform(-0.16, 0.16, len(values))
        ax.scatter(values, at, color=color, s=14, alpha=0.6, linewidth=0)
        ax.plot([values.mean()] * 2, [row - 0.3, row + 0.3], color=color, linewidth=2.5)
        ax.text(values.mean(), row - 0.34, f"{values.mean():.2f}", ha="center", color=color)
    ax.axvline(CHANCE, color="#888888", linewidth=1, linestyle=":")
    ax.set_yticks([0, 1], ["selected\ninside the folds", "selected before,\non everybody"])
    ax.set(
        xlabel="AUC, mean over folds; one dot for each shuffle of the labels",
        xlim=(0.3, 1.0),
        ylim=(1.5, -0.65),
        title=f"Nothing to find: {N_PATIENTS} patients, {N_COLUMNS} columns of noise",
    )
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
