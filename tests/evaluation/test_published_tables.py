import numpy as np
import pytest

from sicf.evaluation import published_tables


def test_tables_are_the_papers():
    tables = published_tables()
    assert list(tables) == [2, 3, 4, 5, 6]
    assert {number: table.shape for number, table in tables.items()} == {
        2: (8, 4),
        3: (7, 5),
        4: (6, 2),
        5: (3, 3),
        6: (5, 5),
    }
    assert all(table.attrs["note"] == "as published, not reproduced" for table in tables.values())
    assert tables[5].loc["DenseFuse", "Parameters (M)"] == 19.9


def test_headline_is_the_same_in_both_tables():
    tables = published_tables()
    row, again = tables[3].iloc[-1], tables[6].iloc[-1]
    for name in ("Sensitivity (%)", "Specificity (%)", "Accuracy (%)", "AUC"):
        assert row[name] == again[name]
    assert row["F-score (%)"] == again["F1-score (%)"] == 97.07


def test_known_oddities_are_kept_as_printed():
    tables = published_tables()
    halves = tables[3][["Sensitivity (%)", "Specificity (%)"]].mean(axis=1)[:3]
    np.testing.assert_allclose(tables[3]["Accuracy (%)"][:3], halves, atol=0.0051)
    folds = tables[4]["Segmentation mIoU (%)"][:5].astype(float)
    assert folds.mean() == pytest.approx(71.65)
    assert "71.65" in tables[4].attrs["remark"]
    assert tables[4].iloc[-1, 1] == "71.45 ± 1.18"
