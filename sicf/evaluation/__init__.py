"""Evaluation: grouped cross-validation, intervals over patients, tests, figures, a report."""

from sicf.evaluation._evaluate import evaluate
from sicf.evaluation._evaluation import Evaluation
from sicf.evaluation._evaluation_file import load_evaluation
from sicf.evaluation._evaluation_warning import EvaluationWarning
from sicf.evaluation._from_scores import evaluation_from_scores
from sicf.evaluation._permutation import permute_by_group
from sicf.evaluation._schemes import LeaveOneSiteOut, PaperHoldOut, RepeatedFolds
from sicf.evaluation.statistics import Interval

__all__ = [
    "Evaluation",
    "EvaluationWarning",
    "Interval",
    "LeaveOneSiteOut",
    "PaperHoldOut",
    "RepeatedFolds",
    "evaluate",
    "evaluation_from_scores",
    "load_evaluation",
    "permute_by_group",
]
