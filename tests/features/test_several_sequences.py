"""Several co-registered sequences, from pictures to named columns."""

import numpy as np
import pytest
from sklearn.pipeline import Pipeline

from sicf import SICF, HistEqualize, QuadrantROI, SIFTBoVW, TorchEmbedder, make_spine_phantoms

NAMES = ("T1", "T2", "T1ce")
N_WORDS, WIDTH = 8, 64


def words(**parameters):
    return SIFTBoVW(N_WORDS, contrast_threshold=0.01, random_state=0, **parameters)


def network(**parameters):
    return TorchEmbedder("squeezenet1_1", "features.2", input_size=48, **parameters)


def sicf(fuse_sequences, sequence_names=None):
    words_fused = "mean" if fuse_sequences == "rgb" else fuse_sequences
    named = {"sequence_names": sequence_names}
    return SICF(
        [
            ("sift", words(fuse_sequences=words_fused, **named)),
            ("deep", network(fuse_sequences=fuse_sequences, **named)),
        ]
    )


@pytest.fixture(scope="module")
def phantoms():
    data = make_spine_phantoms(3, n_slices=2, shape=(96, 96), random_state=0)
    assert data.sequence_names == NAMES
    return HistEqualize().fit_transform(data.images)


@pytest.fixture(scope="module")
def real(request):
    """Five slices of MT0, MT1 and T1w on one grid."""
    nibabel = pytest.importorskip("nibabel")
    folder = request.getfixturevalue("data_folder") / "sct_nifti" / "mt"
    series = [nibabel.load(folder / f"{name}.nii.gz") for name in ("mt0", "mt1", "t1w")]
    for one in series:
        np.testing.assert_allclose(one.affine, series[0].affine, atol=1e-4)
    volume = np.stack([np.asarray(one.dataobj) for one in series], axis=-1)
    return HistEqualize().fit_transform(np.moveaxis(volume, 2, 0))


@pytest.fixture(params=["phantoms", pytest.param("real", marks=pytest.mark.real_data)])
def X(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize(
    ("make", "names", "columns"),
    [
        (words, "word_{:03d}", N_WORDS),
        (network, "features.2_{:02d}", WIDTH),
    ],
    ids=["SIFTBoVW", "TorchEmbedder"],
)
def test_concat_names_the_sequence_that_a_column_came_from(X, make, names, columns):
    fitted = make(fuse_sequences="concat", sequence_names=NAMES).fit(X)
    rows = fitted.transform(X)
    assert rows.shape == (len(X), 3 * columns)
    expected = [f"{name}_{names.format(column)}" for name in NAMES for column in range(columns)]
    assert fitted.get_feature_names_out().tolist() == expected
    changed = X.copy()
    changed[..., 1] = changed[:, ::-1, ::-1, 1]
    differs = (fitted.transform(changed) != rows).any(axis=0)
    assert {name.partition("_")[0] for name in np.array(expected)[differs]} == {"T2"}


@pytest.mark.parametrize("make", [words, network])
def test_mean_and_max_are_those_of_the_rows_of_each_sequence(X, make):
    fused = {how: make(fuse_sequences=how).fit(X) for how in ("mean", "max", "concat")}
    rows = {how: one.transform(X) for how, one in fused.items()}
    each = rows["concat"].reshape(len(X), 3, -1)
    assert each.any(axis=(0, 2)).all()
    np.testing.assert_allclose(rows["mean"], each.mean(axis=1), rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(rows["max"], each.max(axis=1))
    for one in (fused["mean"], fused["max"]):
        assert not any("sequence" in name for name in one.get_feature_names_out())


def test_row_of_one_sequence_is_its_part_of_concat(X):
    fitted = network(fuse_sequences="concat").fit(X)
    parts = fitted.transform(X).reshape(len(X), 3, WIDTH)
    for m in range(3):
        alone = network().fit_transform(X[..., m])
        np.testing.assert_allclose(parts[:, m], alone, rtol=1e-5, atol=1e-6)


def test_rgb_is_one_picture_of_three_sequences(X):
    fitted = network(fuse_sequences="rgb").fit(X)
    rows = fitted.transform(X)
    assert rows.shape == (len(X), WIDTH)
    assert fitted.get_feature_names_out()[0] == "features.2_00"
    assert not np.allclose(rows, fitted.transform(X[..., [1, 0, 2]]), atol=1e-3)
    for fewer in (X[..., :2], X[..., 0], np.concatenate([X, X[..., :1]], axis=3)):
        with pytest.raises(ValueError, match="fuse_sequences='rgb' needs 3 sequences. Got"):
            network(fuse_sequences="rgb").fit(fewer)


@pytest.mark.parametrize("how", ["mean", "max", "concat", "rgb"])
def test_union_names_stream_and_sequence(X, how):
    fitted = sicf(how, NAMES).fit(X)
    rows, names = fitted.transform(X), fitted.get_feature_names_out()
    times = 3 if how == "concat" else 1
    assert rows.shape == (len(X), times * (N_WORDS + WIDTH))
    assert len(set(names)) == rows.shape[1]
    first, last = ("T1_", "T1ce_") if how == "concat" else ("", "")
    assert (names[0], names[-1]) == (f"sift__{first}word_000", f"deep__{last}features.2_63")


def test_one_codebook_for_each_sequence(X):
    fitted = words(fuse_sequences="concat", codebook="per_sequence").fit(X)
    assert len(fitted.words_.codebooks_) == 3
    assert fitted.transform(X).shape == (len(X), 3 * N_WORDS)


def test_from_raw_phantoms_through_a_region_to_named_columns():
    data = make_spine_phantoms(3, n_slices=1, shape=(128, 128), random_state=1)
    chain = Pipeline(
        [("roi", QuadrantROI(size=64)), ("contrast", HistEqualize()), ("sicf", sicf("concat"))]
    )
    rows = chain.fit_transform(data.images)
    assert rows.shape == (3, 3 * (N_WORDS + WIDTH))
    assert chain.get_feature_names_out()[-1] == "deep__sequence2_features.2_63"
