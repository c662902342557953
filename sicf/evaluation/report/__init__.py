"""The report of an evaluation: one self-contained page."""

from sicf.evaluation.report._write import write_report

__all__ = ["write_report"]
