import numpy as np

from sicf.evaluation.report._cohort_counts import Cohort
from sicf.evaluation.report._worst_cases import worst_cases


def test_surest_errors_come_first_one_for_each_patient(make_evaluation):
    evaluation = make_evaluation(names=("forest",))
    scores, target = evaluation.scores["forest"], evaluation.target
    scores[:] = 0.1 + 0.7 * np.eye(3)[target]
    for sample, margin in ((4, 0.3), (5, 0.6), (20, 0.5), (33, 0.1)):
        scores[0, sample] = 0
        scores[0, sample, (target[sample] + 1) % 3] = margin
    evaluation.predicted["forest"] = scores.argmax(axis=2)
    cases = worst_cases(evaluation, Cohort(evaluation), "forest")
    assert [case.sample for case in cases] == [5, 20, 33]
    np.testing.assert_allclose([case.margin for case in cases], [0.6, 0.5, 0.1])
    assert len(worst_cases(evaluation, Cohort(evaluation), "forest", 2)) == 2


def test_samples_that_were_not_tested_are_no_cases(make_evaluation, hold_out):
    evaluation = hold_out(make_evaluation(), 24)
    cases = worst_cases(evaluation, Cohort(evaluation), "forest", 60)
    assert 0 < len(cases) <= 12
    assert all(case.sample < 24 for case in cases)
