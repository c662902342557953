"""One result wherever the work is done: here, by two jobs, on a cluster that loses its workers."""

import os
import signal
import time

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.datasets import make_classification
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sicf import (
    CachedRows,
    HistEqualize,
    LyrebirdSearchCV,
    LyrebirdSelector,
    MRIAugmenter,
    SIFTBoVW,
    ThumbnailFeatures,
    TorchEmbedder,
    evaluate,
    lyrebird_minimize,
)
from sicf._spread import spread, spread_in_order
from sicf._worker_threads import in_worker

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster():
    """Two worker processes, each under a nanny that starts another when it dies."""
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs="CRITICAL"
        ) as workers,
        distributed.Client(workers) as client,
    ):
        yield client


@pytest.fixture
def client(cluster):
    """Its client, once both workers are there: the test before may have killed one."""
    cluster.wait_for_workers(2, timeout=60)
    return cluster


@pytest.fixture(scope="module")
def table():
    return make_classification(90, 24, n_informative=4, random_state=0)


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(0).integers(0, 256, (10, 64, 64), dtype=np.uint8)


def everywhere(client, call):
    """What a call gives here, by two jobs and on the cluster, which must have been used."""
    here = call()
    with parallel_config(n_jobs=2):
        in_two = call()
    with distributed.get_task_stream(client) as tasks, parallel_config("dask"):
        on_cluster = call()
    assert [task for task in tasks.data if task["key"].startswith("batch_of")]
    return here, in_two, on_cluster


def assert_all_same(results):
    first, *others = results
    for other in others:
        np.testing.assert_array_equal(first, other, strict=True)


def dying_once(marker):
    """A function that kills the process in which it is first called, but never this one."""
    main = os.getpid()

    def die():
        if os.getpid() == main:
            return
        try:
            marker.touch(exist_ok=False)
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    return die


def selector(estimator, **parameters):
    return LyrebirdSelector(
        estimator, population_size=4, max_iter=2, cv=3, random_state=0, **parameters
    )


def searched(fitted):
    """All that a search came to, but for the time that it took."""
    return fitted.history_.drop(columns="seconds").assign(mask=str(fitted.support_)).to_numpy()


@pytest.mark.parametrize(
    "search",
    [
        selector(RandomForestClassifier(5, max_depth=4), engine="compiled"),
        selector(ExtraTreesClassifier(2), engine="sklearn", mode="paper"),
    ],
    ids=["compiled", "sklearn"],
)
def test_selection(client, table, search):
    assert_all_same(everywhere(client, lambda: searched(search.fit(*table))))


def test_evaluation_with_a_search_that_asks_for_groups(client, table):
    X, y = table
    groups = np.arange(len(y)) // 2
    estimators = {
        "search": make_pipeline(selector(GaussianNB(), mode="paper"), GaussianNB()),
        "grid": LogisticRegression(),
    }

    def evaluated():
        result = evaluate(
            estimators,
            X,
            y,
            groups=groups,
            outer=3,
            inner=2,
            param_grids={"grid": {"C": [0.1, 1]}},
            n_bootstrap=20,
            random_state=0,
        )
        return np.stack([result.scores["search"], result.scores["grid"]])

    assert_all_same(everywhere(client, evaluated))


@pytest.mark.parametrize(
    "step",
    [
        SIFTBoVW(4, random_state=0),
        ThumbnailFeatures(8),
        TorchEmbedder("squeezenet1_1", "features.2", input_size=32, batch_size=4),
    ],
    ids=lambda step: type(step).__name__,
)
def test_embedding(client, pictures, step):
    with parallel_config(n_jobs=1):
        step.fit(pictures)
    assert_all_same(everywhere(client, lambda: step.transform(pictures)))


def test_rows_of_the_cache_are_computed_on_the_cluster_and_kept_here(client, pictures, tmp_path):
    chain = make_pipeline(HistEqualize(), ThumbnailFeatures(8))
    fresh = iter(range(3))

    def cached():
        return CachedRows(chain, tmp_path / str(next(fresh))).fit_transform(pictures)

    assert_all_same(everywhere(client, cached))
    with parallel_config("dask"), distributed.get_task_stream(client) as tasks:
        again = CachedRows(chain, tmp_path / "2").fit_transform(pictures)
    assert not tasks.data
    np.testing.assert_array_equal(again, chain.transform(pictures))


def test_an_error_on_the_cluster_names_the_image(client, pictures, tmp_path):
    broken = pictures.astype(float)
    broken[7, 0, 0] = np.nan
    cached = CachedRows(HistEqualize(), tmp_path).fit(broken[:5])
    with parallel_config("dask"), pytest.raises(ValueError, match="Image 7"):
        cached.transform(broken)


def test_variants_of_images(client, pictures):
    augmenter = MRIAugmenter(random_state=0)
    assert_all_same(everywhere(client, lambda: augmenter.augment(pictures, copies=2)[0]))


def test_minimizing_a_function_of_large_arguments(client):
    center = np.linspace(0, 1, 1000)

    def distance(x, center):
        return float(((x[0] - center) ** 2).sum())

    def minimized():
        found = lyrebird_minimize(
            distance, [(-2, 2)], (center,), population_size=4, max_iter=2, seed=0
        )
        return np.append(found.x, found.history)

    assert_all_same(everywhere(client, minimized))


def test_search_of_parameters(client, table):
    def searched():
        search = LyrebirdSearchCV(
            LogisticRegression(),
            {"C": [0.01, 0.1, 1.0, 10.0]},
            population_size=2,
            max_iter=1,
            cv=2,
            random_state=0,
        )
        return search.fit(*table).cv_results_["mean_test_score"]

    assert_all_same(everywhere(client, searched))


def test_a_task_of_dask_knows_that_it_is_in_a_worker(client):
    assert not in_worker()
    assert client.submit(in_worker, pure=False).result()


def test_what_all_calls_take_is_sent_once(client):
    class Table:
        """Counts how often it is pickled."""

        n_sent = 0

        def __reduce__(self):
            Table.n_sent += 1
            return (list, ())

    with parallel_config("dask"):
        assert spread_in_order(lambda table, item: item, Table(), range(20)) == list(range(20))
    assert Table.n_sent <= 2  # dask asks pickle first, then cloudpickle


def test_search_outlives_a_worker(client, table, tmp_path):
    die = dying_once(tmp_path / "dead")

    def score(estimator, X, y):
        die()
        return accuracy_score(y, estimator.predict(X))

    def searched_so():
        return searched(selector(GaussianNB(), scoring=score, mode="paper").fit(*table))

    here = searched_so()
    with parallel_config("dask"):
        assert_all_same([here, searched_so()])
    assert (tmp_path / "dead").exists()


def test_evaluation_outlives_a_worker(client, table, tmp_path):
    die = dying_once(tmp_path / "dead")

    def passing(X):
        die()
        return X

    estimator = make_pipeline(FunctionTransformer(passing), GaussianNB())

    def evaluated():
        return evaluate(estimator, *table, outer=3, n_bootstrap=20, random_state=0).scores

    here = evaluated()
    with parallel_config("dask"):
        on_cluster = evaluated()
    assert (tmp_path / "dead").exists()
    assert_all_same([here["Pipeline"], on_cluster["Pipeline"]])


def test_rows_outlive_all_workers(client, pictures):
    """All data on the cluster are lost with them, those of the calls that are done included."""
    killed = []

    def kill_all():
        killed.extend(client.run(os.getpid).values())
        for pid in killed:
            os.kill(pid, signal.SIGKILL)

    def slowly(pictures, index):
        time.sleep(0.2)
        return int(pictures[index].sum())

    rows = []
    with parallel_config("dask"):
        for number, (_, row) in enumerate(spread(slowly, pictures, range(10), ordered=True)):
            rows.append(row)
            if number == 2:
                kill_all()
    assert rows == pictures.sum(axis=(1, 2), dtype=int).tolist()
    assert len(killed) == 2


@pytest.fixture
def ray(monkeypatch):
    """Two workers of Ray, which takes joblib's work by a backend of its own."""
    # Its workers yield to all else otherwise, and need minutes to import on a busy machine.
    monkeypatch.setenv("RAY_worker_niceness", "0")
    ray = pytest.importorskip("ray")
    from ray.util.joblib import register_ray

    ray.init(num_cpus=2, include_dashboard=False, object_store_memory=200 * 2**20)
    register_ray()
    yield ray
    ray.shutdown()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")  # Ray's own
def test_ray(ray, table, pictures, tmp_path):
    embedder = TorchEmbedder("squeezenet1_1", "features.2", input_size=32, batch_size=5)
    die = dying_once(tmp_path / "dead")

    def passing(X):
        die()
        return X

    def found():
        search = selector(GaussianNB(), mode="paper").fit(*table)
        estimator = make_pipeline(FunctionTransformer(passing), GaussianNB())
        result = evaluate(estimator, *table, outer=3, n_bootstrap=20, random_state=0)
        words = SIFTBoVW(4, random_state=0).fit_transform(pictures)
        return searched(search), result.scores["Pipeline"], words, embedder.fit_transform(pictures)

    here = found()
    with parallel_config("ray", n_jobs=2):
        on_ray = found()
    assert (tmp_path / "dead").exists()
    for one, other in zip(here, on_ray, strict=True):
        np.testing.assert_array_equal(one, other, strict=True)
