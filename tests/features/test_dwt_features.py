import numpy as np
import pytest
import pywt

from sicf import DWTFeatures


def test_haar_by_hand():
    X = np.zeros((1, 16, 16), np.uint8)
    X[0, ::2] = 255
    dwt = DWTFeatures("haar", level=1).fit(X)
    found = dict(zip(dwt.get_feature_names_out(), dwt.transform(X)[0], strict=True))
    # Rows of 1 and 0: (1 + 1 + 0 + 0) / 2 in the approximation, (1 + 1 - 0 - 0) / 2 across rows.
    assert found["a1_mean_abs"] == found["h1_mean_abs"] == found["a1_energy"] == 1
    assert found["a1_std"] == found["v1_energy"] == found["d1_energy"] == 0
    assert found["a1_entropy"] == found["h1_entropy"] == 6  # 64 equal squares
    assert found["v1_entropy"] == found["d1_entropy"] == 0


def test_energy_is_parsevals(rng):
    X = rng.integers(0, 256, size=(1, 64, 64), dtype=np.uint8)
    dwt = DWTFeatures("db4", mode="periodization", statistics=["energy"]).fit(X)
    sizes = [64 // 2**level for level in (3, 3, 3, 3, 2, 2, 2, 1, 1, 1)]
    total = (dwt.transform(X)[0] * np.square(sizes)).sum()
    assert total == pytest.approx(((X / 255) ** 2).sum(), rel=1e-5)


def test_names_say_which_subband(rng):
    X = rng.integers(0, 256, size=(1, 64, 64), dtype=np.uint8)
    dwt = DWTFeatures(level=2, statistics=["mean_abs"]).fit(X)
    names = dwt.get_feature_names_out().tolist()
    bands = ["a2", "h2", "v2", "d2", "h1", "v1", "d1"]
    assert names == [f"{band}_mean_abs" for band in bands]
    coarse, (h2, *_), (*_, d1) = pywt.wavedec2(X[0] / 255, "db4", level=2)
    found = dict(zip(names, dwt.transform(X)[0], strict=True))
    for band, values in (("a2", coarse), ("h2", h2), ("d1", d1)):
        assert found[f"{band}_mean_abs"] == pytest.approx(np.abs(values).mean(), rel=1e-5)


def test_black_picture_has_no_energy_and_no_entropy():
    np.testing.assert_array_equal(DWTFeatures().fit_transform(np.zeros((1, 64, 64))), 0)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"wavelet": "morl"}, ValueError, "discrete wavelet of PyWavelets.*Got 'morl'"),
        ({"level": 0}, ValueError, "level must be at least 1. Got 0"),
        ({"mode": "mirror"}, ValueError, "mode must be one of .*Got 'mirror'"),
        (
            {"statistics": ["mean"]},
            ValueError,
            r"statistics must be different ones of .*\['mean'\]",
        ),
        ({"statistics": ["std", "std"]}, ValueError, "statistics must be different"),
    ],
)
def test_wrong_parameters_are_named(parameters, error, message):
    with pytest.raises(error, match=message):
        DWTFeatures(**parameters).fit(np.zeros((1, 64, 64)))


def test_too_many_levels_for_a_picture_name_it():
    X = [np.zeros((64, 64)), np.zeros((64, 40))]
    with pytest.raises(ValueError, match=r"at most 2 .* 64 x 40 pixels .* Raised by image 1"):
        DWTFeatures().fit_transform(X)
