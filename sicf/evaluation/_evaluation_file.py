"""An evaluation on disk: one file without pickle."""

from pathlib import Path

from sicf.evaluation._kept_file import read_kept, write_kept

KIND, VERSION = "evaluation", 1
LABELS = ("classes", "target", "groups", "sites", "fold")
BY_NAME = ("scores", "predicted")
FACTS = (
    "n_bootstrap",
    "confidence_level",
    "interval_method",
    "positive",
    "seed",
    "is_probability",
    "fit_seconds",
    "score_seconds",
    "peak_memory",
    "chosen",
    "about",
    "versions",
    "started",
)


def save_evaluation(evaluation, path):
    """Write an evaluation.

    Parameters
    ----------
    evaluation : Evaluation
    path : path-like
    """
    arrays = {name: getattr(evaluation, name) for name in LABELS}
    arrays = {name: array for name, array in arrays.items() if array is not None}
    names = list(evaluation.scores)
    for what in BY_NAME:
        arrays |= {f"{what} {i}": getattr(evaluation, what)[name] for i, name in enumerate(names)}
    text = {"names": names, **{name: getattr(evaluation, name) for name in FACTS}}
    write_kept(Path(path), KIND, VERSION, text, arrays)


def load_evaluation(path):
    """Read an evaluation that :meth:`Evaluation.save` wrote.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    Evaluation
        Equal to the one that was saved, to the bit.

    Raises
    ------
    ValueError
        The file is damaged, no evaluation, or of a newer version of sicf.
    """
    from sicf.evaluation._evaluation import Evaluation

    text, arrays = read_kept(Path(path), KIND, VERSION)
    names = text.pop("names")
    for what in BY_NAME:
        text[what] = {name: arrays[f"{what} {i}"] for i, name in enumerate(names)}
    return Evaluation(**{name: arrays.get(name) for name in LABELS}, **text)
