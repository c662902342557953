"""Evaluation: grouped cross-validation, intervals over patients, figures."""

from sicf.evaluation._bootstrap import Interval
from sicf.evaluation._evaluate import evaluate
from sicf.evaluation._evaluation import Evaluation
from sicf.evaluation._permutation import permute_by_group

__all__ = ["Evaluation", "Interval", "evaluate", "permute_by_group"]
