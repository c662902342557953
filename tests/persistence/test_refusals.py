"""Other versions, other weights and altered files: refused, with a reason that helps."""

import json
import os
import re
import zipfile

import cv2
import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.base import clone

import sicf
from sicf import CachedRows, PersistenceError, PersistenceWarning, TorchEmbedder, VGG16Embedder
from sicf.features._network_weights import sha256
from sicf.persistence import _header, _sealed_archive
from tests.persistence.altered_file import members_of, write_body, write_members
from tests.test_image_contracts import SMALL_NETWORK


@pytest.fixture
def path(forest, tmp_path):
    sicf.save(forest, tmp_path / "forest.sicf")
    return tmp_path / "forest.sicf"


def save_under(path, **versions):
    members = members_of(path)
    header = json.loads(members["sicf.json"])
    header["versions"] |= {name.replace("_", "-"): version for name, version in versions.items()}
    write_members(path, members | {"sicf.json": json.dumps(header).encode()})


def test_header_tells_versions_and_class(path):
    header = json.loads(members_of(path)["sicf.json"])
    assert header["estimator"] == "sklearn.pipeline.Pipeline"
    told = {"python", "sicf", "scikit-learn", "numpy", "torch", "torchvision", "numba", "skops"}
    assert told <= set(header["versions"])
    assert header["versions"]["opencv"] == cv2.__version__
    assert path.read_bytes().startswith(b"sicf estimator 1\n")


@pytest.mark.parametrize(("name", "version"), [("sicf", "0.0.9"), ("scikit_learn", "1.2.2")])
def test_other_versions_are_refused_with_both_and_the_way_out(path, iris, forest, name, version):
    save_under(path, **{name: version})
    told = f"{name.replace('_', '-')} {version} \\(now .*pip install.*check_versions=False"
    with pytest.raises(PersistenceError, match=told):
        sicf.load(path)
    with pytest.warns(PersistenceWarning, match=f"{version} .*it may give other answers"):
        back = sicf.load(path, check_versions=False)
    assert_array_equal(back.predict_proba(iris[0]), forest.predict_proba(iris[0]))


def test_other_versions_of_what_computes_are_warned_of(path):
    save_under(path, torch="1.0.0", numpy="1.99.0")
    with pytest.warns(PersistenceWarning, match=r"numpy 1.99.0 \(now .*torch 1.0.0 \(now"):
        sicf.load(path)


def without_version(path, name):
    members = members_of(path)
    header = json.loads(members["sicf.json"])
    del header["versions"][name]
    write_members(path, members | {"sicf.json": json.dumps(header).encode()})


@pytest.mark.parametrize("name", ["opencv_python", "opencv_python_headless"])
def test_opencv_is_one_whichever_distribution_it_came_in(name, path):
    without_version(path, "opencv")
    save_under(path, **{name: f"{cv2.__version__}.92"})
    sicf.load(path)
    save_under(path, **{name: "3.4.1.15"})
    told = re.escape(f"under opencv 3.4.1.15 (now {cv2.__version__}): it may")
    with pytest.warns(PersistenceWarning, match=told):
        sicf.load(path)


def test_packages_of_one_side_alone_are_warned_of(path, monkeypatch):
    save_under(path, antigravity="1.0")
    sicf.load(path)
    here = _header.versions()
    there = {name: version for name, version in here.items() if name != "numba"}
    monkeypatch.setattr(_header, "versions", lambda: there)
    with pytest.warns(PersistenceWarning, match=r"under numba [^ ]+ \(now not here\): it may"):
        sicf.load(path)
    monkeypatch.setattr(_header, "versions", lambda: here)
    without_version(path, "torch")
    with pytest.warns(PersistenceWarning, match=r"under torch \? \(now [^ ]+\): it may"):
        sicf.load(path)


def test_a_patch_is_no_other_version(path):
    now = json.loads(members_of(path)["sicf.json"])["versions"]["scikit-learn"]
    save_under(path, scikit_learn=".".join([*now.split(".")[:2], "99"]))
    sicf.load(path)


def test_missing_versions_are_other_versions(path):
    members = members_of(path)
    for header in (
        b'{"versions": {}}',
        b"{}",
        b"[1]",
        b"no JSON",
        b'{"versions": {"sicf": 3}}',
        b"[" * 10**5,
    ):
        write_members(path, members | {"sicf.json": header})
        with pytest.raises(PersistenceError, match="cannot be loaded"):
            sicf.load(path)
    del members["sicf.json"]
    write_members(path, members)
    with pytest.raises(PersistenceError, match=r"must have 'sicf.json'"):
        sicf.load(path)


@pytest.fixture
def weights(tmp_path):
    """A file of SqueezeNet's weights, named without a hash."""
    from torchvision.models import squeezenet1_1

    torch.manual_seed(3)
    (tmp_path / "there").mkdir()
    torch.save(squeezenet1_1().state_dict(), tmp_path / "there" / "net.pth")
    return tmp_path / "there" / "net.pth"


@pytest.fixture
def on_weights(weights, pictures, tmp_path):
    """A fitted embedder in a cache, which holds it twice, and the rows that it gives."""
    embedder = CachedRows(TorchEmbedder(**SMALL_NETWORK | {"weights": str(weights)}))
    rows = embedder.fit_transform(pictures[0])
    sicf.save(embedder, tmp_path / "net.sicf")
    return tmp_path / "net.sicf", rows


def test_weights_are_named_with_their_hash(on_weights, weights):
    (told,) = json.loads(members_of(on_weights[0])["sicf.json"])["weights"]
    assert told == {"name": str(weights), "fingerprint": sha256(weights)}
    assert on_weights[0].stat().st_size < 5000 < weights.stat().st_size


def test_missing_weights_are_refused_and_found_elsewhere(on_weights, weights, pictures, tmp_path):
    path, rows = on_weights
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    os.replace(weights, elsewhere / "net.pth")
    for places in (None, tmp_path, tmp_path / "no such folder", path):
        with pytest.raises(PersistenceError, match=r"net.pth.*Put the file .* weights='its folder"):
            sicf.load(path, weights=places)
    os.link(elsewhere / "net.pth", tmp_path / "renamed.pth")
    for places in (elsewhere, str(elsewhere), tmp_path / "renamed.pth", [tmp_path, elsewhere]):
        back = sicf.load(path, weights=places)
        assert_array_equal(back.transform(pictures[0]), rows)
        assert os.path.exists(back.transformer.weights)


def test_other_weights_are_refused(on_weights, weights, tmp_path):
    state = torch.load(weights, weights_only=True)
    old = sha256(weights)
    state["features.0.bias"] += 1
    torch.save(state, weights)
    with pytest.raises(PersistenceError, match=f"Fit saw '{old}'; now they are .*or fit again"):
        sicf.load(on_weights[0])
    with pytest.raises(PersistenceError, match="Fit saw"):
        sicf.load(on_weights[0], weights=weights)


def test_published_weights_that_cannot_be_had_are_refused(pictures, tmp_path, monkeypatch):
    embedder = VGG16Embedder().set_params(weights=None, batch_size=2, layer="pool5")
    embedder.fit(pictures[0][:2]).set_params(weights="IMAGENET1K_V1")
    sicf.save(embedder, tmp_path / "vgg16.sicf")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))

    def offline(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr("urllib.request.urlopen", offline)
    with pytest.raises(sicf.WeightsUnavailableError, match="vgg16-397923af.pth .*Download"):
        sicf.load(tmp_path / "vgg16.sicf")


def test_a_seeded_network_of_another_torch_is_refused(pictures, tmp_path):
    embedder = TorchEmbedder(**SMALL_NETWORK).fit(pictures[0])
    embedder.weights_fingerprint_ = "seed 0, torch 1.0.0, torchvision 0.2.0"
    sicf.save(embedder, tmp_path / "net.sicf")
    with pytest.raises(PersistenceError, match="Fit saw 'seed 0, torch 1.0.0.*now they are 'seed"):
        sicf.load(tmp_path / "net.sicf")


@pytest.mark.parametrize("model", ["tests.no_such:network", "os:abort"])
def test_a_networks_function_is_called_only_where_it_is_trusted(model, tmp_path):
    embedder = TorchEmbedder(model, "features")
    with pytest.raises(PersistenceError, match=f"trusted=\\['{model}'\\]"):
        sicf.save(embedder, tmp_path / "net.sicf")
    sicf.save(embedder, tmp_path / "net.sicf", trusted=[model])
    with pytest.raises(PersistenceError, match="must be trusted: it is imported and called"):
        sicf.load(tmp_path / "net.sicf")
    assert sicf.load(tmp_path / "net.sicf", trusted=[model]).model == model


def small_network():
    """A user's own network."""
    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU())


def test_a_users_own_network_travels_by_its_name(pictures, tmp_path):
    embedder = TorchEmbedder(small_network, "1", input_size=16).fit(pictures[0])
    with pytest.raises(PersistenceError, match="small_network"):
        sicf.save(embedder, tmp_path / "net.sicf")
    sicf.save(embedder, tmp_path / "net.sicf", trusted=[small_network])
    back = sicf.load(tmp_path / "net.sicf", trusted=[small_network])
    assert_array_equal(back.transform(pictures[0]), embedder.transform(pictures[0]))


def test_every_altered_byte_is_seen(path):
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(whole), 500).tolist():
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(PersistenceError, match="is damaged|must be a file of|has format"):
            sicf.load(path)


@pytest.mark.parametrize("keep", [0, 1, 16, 17, 60, 82, 83, 500, -1])
def test_a_file_that_was_cut_off_is_damaged(path, keep):
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(PersistenceError, match=r"forest.sicf (is damaged|must be a file)"):
        sicf.load(path)


def test_what_is_no_file_of_ours(path, tmp_path):
    for content, reason in [
        (b"PK\x03\x04 a zip archive", "It begins with b'PK"),
        (b"sicf evaluation 1\n" + b"0" * 64 + b"\n", "must be a file of a sicf estimator"),
        (b"sicf estimator 2\n" + b"0" * 64 + b"\n", "has format 2, .*newer sicf"),
        (b"sicf estimator " + b"9" * 9999 + b"\n", "newer sicf"),
    ]:
        path.write_bytes(content)
        with pytest.raises(PersistenceError, match=reason):
            sicf.load(path)
    write_body(path, b"no archive")
    with pytest.raises(PersistenceError, match="cannot be unpacked. File is not a zip file"):
        sicf.load(path)
    with pytest.raises(PersistenceError, match="path must name a file"):
        sicf.load(tmp_path)
    with pytest.raises(FileNotFoundError):
        sicf.load(tmp_path / "nothing.sicf")


def test_bombs_are_not_unpacked(path):
    members = members_of(path)
    write_members(path, members | {"1.npy": bytes(100 << 20)}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 200_000
    with pytest.raises(PersistenceError, match="may unpack to 67108864 bytes, .*It claims 1049"):
        sicf.load(path)
    body = path.read_bytes().split(b"\n", 2)[2]
    lie = (100 << 20).to_bytes(4, "little")
    assert body.count(lie) == 2
    write_body(path, body.replace(lie, (1000).to_bytes(4, "little")))
    with pytest.raises(PersistenceError, match="cannot be unpacked. Bad CRC-32"):
        sicf.load(path)


def test_compressible_arrays_are_no_bomb(iris, forest, tmp_path, monkeypatch):
    monkeypatch.setattr(_sealed_archive, "ALWAYS_ALLOWED", 1000)
    model = clone(forest).fit(*iris)
    model.zeros_ = np.zeros(4 << 20, np.uint8)
    sicf.save(model, tmp_path / "large.sicf")
    assert_array_equal(sicf.load(tmp_path / "large.sicf").zeros_[-3:], 0)
