import numpy as np

from sicf.evaluation import evaluation_from_scores

Y = np.arange(40) % 2
SCORE = np.clip(0.5 + (2 * Y - 1) * 0.1 + np.random.default_rng(0).normal(0, 0.2, 40), 0, 1)
NAME = r"50% of_it & {a}|b \ #1 ~^$"


def test_latex_is_escaped():
    found = evaluation_from_scores(Y, {NAME: SCORE}, n_bootstrap=50)
    lines = found.to_latex(metrics=["AUC"]).splitlines()
    assert lines[0] == r"\begin{tabular}{lcr}"
    assert lines[2] == r"estimator & AUC & fit, s \\"
    name = r"50\% of\_it \& \{a\}\textbar{}b \textbackslash{} \#1 "
    name += r"\textasciitilde{}\textasciicircum{}\$"
    assert lines[4].startswith(f"{name} & {found.metrics()['AUC']} & 0")
    assert lines[-1].startswith(r"\footnotesize [95\% percentile interval")


def test_answers_by_patient_stand_below_those_by_slice():
    found = evaluation_from_scores(
        Y, SCORE, groups=np.arange(40) // 4 * 2 + Y, n_bootstrap=50, interval_method="bca"
    )
    table = found.to_frame()
    assert table["level"].drop_duplicates().tolist() == ["samples", "patients"]
    area = table.query("level == 'patients' and metric == 'AUC'")["value"].item()
    assert area == found.by_patient().metrics()["AUC"].value
    assert set(found.to_frame(by_patient=False)["level"]) == {"samples"}
    lines = found.to_markdown().splitlines()
    assert [line.split(" | ")[1] for line in lines[:1] + lines[2:4]] == [
        "rows",
        "samples",
        "patients",
    ]
    assert lines[-1] == "[95% BCa interval, 50 resamples of 20 patients]"
    assert found.to_latex().splitlines()[4].startswith("given & samples & ")


def test_patients_of_one_slice_have_one_table():
    found = evaluation_from_scores(Y, SCORE, groups=np.arange(40), n_bootstrap=50)
    assert set(found.to_frame()["level"]) == {"patients"}
    assert found.to_markdown().splitlines()[0].startswith("| estimator | accuracy")
