import warnings

import numpy as np
import pytest

from sicf.evaluation import EvaluationWarning
from sicf.evaluation._sites import warn_of_sites_that_tell

CLASSES = np.array(["astro", "epend"])


def test_class_of_one_site_and_site_of_one_class_are_told():
    target, sites = np.array([0, 0, 1, 1]), np.array(["A", "B", "A", "A"])
    with pytest.warns(EvaluationWarning, match="class 'epend' occurs at site 'A' alone; site 'B'"):
        warn_of_sites_that_tell(target, CLASSES, sites)


@pytest.mark.parametrize("sites", [None, ["A"] * 4, ["A", "B", "A", "B"]])
def test_sites_that_tell_nothing_are_passed_over(sites):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sites = sites if sites is None else np.array(sites)
        warn_of_sites_that_tell(np.array([0, 0, 1, 1]), CLASSES, sites)
