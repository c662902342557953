"""Evaluation: grouped cross-validation, intervals over patients, tests, figures, a report."""

from sicf.evaluation._confusion_feasible import ConfusionAudit, confusion_feasible
from sicf.evaluation._evaluate import evaluate
from sicf.evaluation._evaluation import Evaluation
from sicf.evaluation._evaluation_file import load_evaluation
from sicf.evaluation._evaluation_warning import EvaluationWarning
from sicf.evaluation._from_scores import evaluation_from_scores
from sicf.evaluation._knn_study import KNNStudy, knn_study
from sicf.evaluation._permutation import permute_by_group
from sicf.evaluation._published_tables import published_tables
from sicf.evaluation._schemes import LeaveOneSiteOut, PaperHoldOut, RepeatedFolds
from sicf.evaluation.statistics import Interval

__all__ = [
    "ConfusionAudit",
    "Evaluation",
    "EvaluationWarning",
    "Interval",
    "KNNStudy",
    "LeaveOneSiteOut",
    "PaperHoldOut",
    "RepeatedFolds",
    "confusion_feasible",
    "evaluate",
    "evaluation_from_scores",
    "knn_study",
    "load_evaluation",
    "permute_by_group",
    "published_tables",
]
