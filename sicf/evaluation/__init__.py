"""Evaluation: grouped cross-validation, intervals over patients, figures, published tables."""

from sicf.evaluation._bootstrap import Interval
from sicf.evaluation._confusion_feasible import ConfusionAudit, confusion_feasible
from sicf.evaluation._evaluate import evaluate
from sicf.evaluation._evaluation import Evaluation
from sicf.evaluation._knn_study import KNNStudy, knn_study
from sicf.evaluation._permutation import permute_by_group
from sicf.evaluation._published_tables import published_tables

__all__ = [
    "ConfusionAudit",
    "Evaluation",
    "Interval",
    "KNNStudy",
    "confusion_feasible",
    "evaluate",
    "knn_study",
    "permute_by_group",
    "published_tables",
]
