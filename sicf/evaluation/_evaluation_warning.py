"""The warning of an evaluation that may say more than is true."""


class EvaluationWarning(UserWarning):
    """An evaluation may flatter: pictures on both sides of a split, sites that tell the class."""
