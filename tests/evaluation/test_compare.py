import numpy as np
import pytest
from scipy.stats import binomtest

from sicf.evaluation import evaluation_from_scores

N = 150
rng = np.random.default_rng(0)
Y = np.arange(N) % 2
SHARED = rng.normal(size=N)
GOOD, FAIR, NOISE = (
    1 / (1 + np.exp(-(d * (2 * Y - 1) + SHARED + 0.5 * rng.normal(size=N)))) for d in (1.2, 0.7, 0)
)


def judged(**options):
    named = {"good": GOOD, "fair": FAIR, "noise": NOISE}
    return evaluation_from_scores(Y, named, **({"n_bootstrap": 300} | options))


def pick(table, b, metric, test):
    ((_, row),) = table.query("b == @b and metric == @metric and test == @test").iterrows()
    return row


def test_differences_are_those_of_the_metrics():
    found = judged()
    table = found.compare("good", "noise")
    row = pick(table, "noise", "AUC", "paired bootstrap")
    one, other = found.metrics("good")["AUC"].value, found.metrics("noise")["AUC"].value
    assert row["difference"] == pytest.approx(one - other, abs=1e-12)
    assert row["low"] < row["difference"] < row["high"]
    assert row["p"] < 0.02
    delong = pick(table, "noise", "AUC", "DeLong")
    assert delong["difference"] == pytest.approx(row["difference"], abs=1e-12)
    turned = found.compare("noise", "good")
    assert pick(turned, "good", "AUC", "DeLong")["p"] == pytest.approx(delong["p"])
    assert pick(turned, "good", "AUC", "paired bootstrap")["low"] == pytest.approx(-row["high"])


def test_pairing_narrows_the_interval():
    found = judged()
    row = pick(found.compare("good", "fair"), "fair", "AUC", "paired bootstrap")
    apart = [found.metrics(name)["AUC"] for name in ("good", "fair")]
    assert row["high"] - row["low"] < np.hypot(*(each.high - each.low for each in apart))
    twins = evaluation_from_scores(Y, {"a": GOOD, "b": GOOD}).compare("a")
    same = pick(twins, "b", "AUC", "paired bootstrap")
    assert (same["low"], same["difference"], same["high"], same["p"]) == (0, 0, 0, 1)


def test_mcnemar_is_mid_p_of_the_discordant():
    row = pick(judged().compare("good", "noise"), "noise", "accuracy", "McNemar mid-p")
    right, other = (GOOD >= 0.5) == Y, (NOISE >= 0.5) == Y
    b, c = int((right & ~other).sum()), int((~right & other).sum())
    at = min(b, c)
    exact = binomtest(at, b + c).pvalue
    chance = binomtest(at, b + c, alternative="less").pvalue - (
        binomtest(at - 1, b + c, alternative="less").pvalue if at else 0
    )
    assert row["p"] == pytest.approx(exact - chance, rel=1e-9)


def test_holm_corrects_over_rivals_and_not_over_metrics():
    table = judged().compare("good")
    assert set(table["b"]) == {"fair", "noise"}
    for _, rows in table.groupby(["metric", "test"]):
        small, large = sorted(rows["p"]) if rows["p"].notna().all() else (np.nan, np.nan)
        if small == small:
            expected = [min(1, 2 * small), max(min(1, 2 * small), large)]
            np.testing.assert_allclose(sorted(rows["p_holm"]), expected)


def test_rows_of_one_patient_get_no_test_for_independent_rows():
    found = judged(groups=np.arange(N) // 6 * 2 + Y)
    assert set(found.compare("good")["test"]) == {"paired bootstrap"}
    by_patient = found.by_patient().compare("good")
    assert set(by_patient["test"]) == {"paired bootstrap", "DeLong", "McNemar mid-p"}


def test_three_classes_have_an_area_each():
    y = np.arange(N) % 3
    one, other = (rng.dirichlet(np.ones(3), size=N) + np.eye(3)[y] * 0.4 for _ in range(2))
    scores = {"a": one / one.sum(1, keepdims=True), "b": other / other.sum(1, keepdims=True)}
    table = evaluation_from_scores(y, scores, n_bootstrap=50).compare("a")
    assert table.query("test == 'DeLong'")["metric"].tolist() == [f"AUC of {k}" for k in range(3)]


@pytest.mark.parametrize("b", ["good", ["good", "fair"], []])
def test_no_rival_is_an_error(b):
    with pytest.raises(ValueError, match="b must name rivals of 'good'"):
        judged().compare("good", b)
