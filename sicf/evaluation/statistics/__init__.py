"""What an evaluation counts: metrics, their intervals over patients, and paired tests.

Plain arrays go in and come out; nothing here knows an estimator. Samples carry weights, which are
how often a resample has drawn their patient, so that every metric is computed for all resamples at
once.
"""

from sicf.evaluation.statistics._calibration_line import calibration_line
from sicf.evaluation.statistics._draws import draw_patients, jackknife_draws
from sicf.evaluation.statistics._intervals import Interval, interval
from sicf.evaluation.statistics._net_benefit import net_benefit
from sicf.evaluation.statistics._paired_tests import (
    DeLong,
    delong,
    holm,
    mcnemar_midp,
    paired_bootstrap,
)
from sicf.evaluation.statistics._ranking_metrics import area_and_precision, cumulative_counts
from sicf.evaluation.statistics._resampled import (
    METRICS,
    resampled_class_metrics,
    resampled_metrics,
)

__all__ = [
    "METRICS",
    "DeLong",
    "Interval",
    "area_and_precision",
    "calibration_line",
    "cumulative_counts",
    "delong",
    "draw_patients",
    "holm",
    "interval",
    "jackknife_draws",
    "mcnemar_midp",
    "net_benefit",
    "paired_bootstrap",
    "resampled_class_metrics",
    "resampled_metrics",
]
