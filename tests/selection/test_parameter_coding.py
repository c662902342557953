import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sicf.selection._parameter_coding import ParameterCoding, setting_key


@pytest.mark.parametrize(
    ("u", "value"), [(0.0, "a"), (0.33, "a"), (0.34, "b"), (0.66, "b"), (0.67, "c"), (1.0, "c")]
)
def test_list_is_cut_into_equal_parts(u, value):
    assert ParameterCoding({"x": ["a", "b", "c"]}).setting(np.array([u])) == {"x": value}


@pytest.mark.parametrize(
    ("distribution", "u", "value"),
    [
        (stats.uniform(2, 4), 0.25, 3.0),
        (stats.loguniform(1e-4, 1e2), 0.5, 0.1),
        (stats.loguniform(1, 1000), 1 / 3, 10.0),
        # Of 1 to 4 each takes a quarter.
        (stats.randint(1, 5), 0.25, 1),
        (stats.randint(1, 5), 0.26, 2),
        (stats.randint(1, 5), 0.74, 3),
        (stats.randint(1, 5), 0.76, 4),
        (stats.rv_discrete(values=([0.5, 2.5], [0.9, 0.1])), 0.89, 0.5),
        (stats.rv_discrete(values=([0.5, 2.5], [0.9, 0.1])), 0.91, 2.5),
    ],
)
def test_distribution_goes_through_its_quantiles(distribution, u, value):
    found = ParameterCoding({"x": distribution}).setting(np.array([u]))["x"]
    assert found == pytest.approx(value)
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("distribution", "lowest", "highest"),
    [
        (stats.randint(1, 5), 1, 4),
        (stats.poisson(3), 0, 20),
        (stats.norm(), -5, 5),
        (stats.loguniform(1e-3, 10), 1e-3, 10),
    ],
)
def test_edges_of_the_cube_stay_finite_and_within_the_support(distribution, lowest, highest):
    """SciPy's `randint(1, 5).ppf(0)` is 0, and `norm().ppf(0)` minus infinity."""
    coding = ParameterCoding({"x": distribution})
    at_zero, at_one = (coding.setting(np.array([u]))["x"] for u in (0.0, 1.0))
    assert lowest <= at_zero < at_one <= highest


def test_coordinates_follow_the_names_in_sorted_order():
    coding = ParameterCoding({"b": [1, 2], "a": stats.uniform(0, 1)})
    assert coding.n_coordinates == 2
    assert coding.setting(np.array([0.25, 0.75])) == {"a": 0.25, "b": 2}


def test_first_coordinate_chooses_among_dicts_and_names_share_theirs():
    """Coordinates: the dict, then C, gamma and kernel."""
    coding = ParameterCoding(
        [
            {"kernel": ["linear"], "C": stats.uniform(0, 1)},
            {"kernel": ["rbf", "poly"], "C": stats.uniform(10, 10), "gamma": [1, 2]},
        ]
    )
    assert coding.n_coordinates == 4
    assert coding.setting(np.array([0.49, 0.5, 0.9, 0.9])) == {"C": 0.5, "kernel": "linear"}
    second = coding.setting(np.array([0.5, 0.5, 0.9, 0.4]))
    assert second == {"C": 15.0, "gamma": 2, "kernel": "rbf"}


def test_empty_dict_is_the_estimator_as_it_is():
    coding = ParameterCoding([{}, {"a": (3,)}])
    assert coding.setting(np.array([0.1, 0.5])) == {}
    assert coding.setting(np.array([0.9, 0.5])) == {"a": 3}
    assert ParameterCoding({}).setting(np.empty(0)) == {}


@settings(max_examples=50, deadline=None)
@given(u=st.floats(0, 1), n_values=st.integers(1, 50))
def test_every_position_has_a_value(u, n_values):
    coding = ParameterCoding({"x": np.arange(n_values), "y": stats.randint(0, n_values)})
    setting = coding.setting(np.array([u, u]))
    assert 0 <= setting["y"] < n_values
    assert setting["x"] in range(n_values)


def test_uniform_positions_draw_what_the_distribution_draws():
    coding = ParameterCoding({"x": stats.poisson(4)})
    drawn = [coding.setting(u)["x"] for u in np.random.default_rng(0).random((4000, 1))]
    counts = np.bincount(drawn, minlength=9)[:9]
    expected = 4000 * stats.poisson(4).pmf(np.arange(9))
    assert (np.abs(counts - expected) < 4.5 * np.sqrt(expected)).all()


def test_key_tells_settings_apart_by_value_and_type():
    unhashable = [1, 2]
    assert setting_key({"a": 1, "b": 2}) == setting_key({"b": 2, "a": 1})
    assert setting_key({"a": 1}) != setting_key({"a": 1.0})
    assert setting_key({"a": 1}) != setting_key({"b": 1})
    assert setting_key({"a": unhashable}) == setting_key({"a": unhashable})
    assert setting_key({"a": unhashable}) != setting_key({"a": [1, 3]})


@pytest.mark.parametrize(
    ("distributions", "error", "message"),
    [
        ({"a": []}, ValueError, "must not be empty. That of 'a' is"),
        ([], ValueError, "must not be empty. That of 'param_distributions' is"),
        ([["a"]], TypeError, r"a dict or a list of dicts. Got \['a'\] in the list"),
        ({"a": "gini"}, TypeError, "ppf and rvs. 'a' has 'gini'"),
        ({"a": 3}, TypeError, "ppf and rvs. 'a' has 3"),
        ({"a": {1, 2}}, TypeError, "ppf and rvs. 'a' has {1, 2}"),
        ({"a": stats.dirichlet([1, 1])}, TypeError, "ppf and rvs. 'a' has <"),
        ({"a": stats.randint}, TypeError, "must be frozen.*That of 'a'"),
    ],
)
def test_what_is_neither_list_nor_distribution_is_named(distributions, error, message):
    with pytest.raises(error, match=message):
        ParameterCoding(distributions)
