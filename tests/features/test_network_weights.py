import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch

from sicf import VGG16Embedder, WeightsUnavailableError
from sicf.features import _network_weights as network_weights

CONTENT = b"not really weights, but their bytes"
NAME = f"tiny-{hashlib.sha256(CONTENT).hexdigest()[:8]}.pth"


@pytest.fixture(autouse=True)
def hub(tmp_path, monkeypatch):
    """An empty folder of torch's checkpoints."""
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    return tmp_path / "checkpoints"


class Server(BaseHTTPRequestHandler):
    def do_GET(self):
        body = {"/wrong": b"a page of errors", "/cut": CONTENT[:9]}.get(
            self.path.rpartition("/")[0], CONTENT
        )
        if self.path.startswith("/stall"):
            threading.Event().wait(2)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def address():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_fetched_once_and_kept(address, hub):
    path = network_weights.fetch(f"{address}/good/{NAME}")
    assert path == hub / NAME
    assert path.read_bytes() == CONTENT
    assert network_weights.fetch(f"http://127.0.0.1:9/gone/{NAME}") == path


def test_broken_file_in_the_folder_is_never_used(address, hub):
    hub.mkdir()
    (hub / NAME).write_bytes(CONTENT[:5])
    with pytest.raises(WeightsUnavailableError, match="is there, but broken"):
        network_weights.fetch(f"http://127.0.0.1:9/gone/{NAME}")
    assert network_weights.fetch(f"{address}/good/{NAME}").read_bytes() == CONTENT


@pytest.mark.parametrize("kind", ["wrong", "cut", "stall"])
def test_what_does_not_come_whole_is_not_kept(address, hub, monkeypatch, kind):
    monkeypatch.setattr(network_weights, "TIMEOUT", 0.3)
    with pytest.raises(WeightsUnavailableError):
        network_weights.fetch(f"{address}/{kind}/{NAME}")
    assert list(hub.iterdir()) == []


def test_message_says_what_to_download_where(hub, monkeypatch):
    monkeypatch.setattr("urllib.request.urlopen", _offline)
    with pytest.raises(WeightsUnavailableError) as caught:
        VGG16Embedder().fit(torch.zeros(1, 20, 20).numpy())
    for part in (
        "https://download.pytorch.org/models/vgg16-397923af.pth",
        str(hub / "vgg16-397923af.pth"),
        "SHA-256 begins with 397923af",
        "weights='folder/vgg16-397923af.pth'",
    ):
        assert part in str(caught.value)


def _offline(*args, **kwargs):
    raise OSError("no route to host")


def test_checkpoint_under_torchvisions_name_is_loaded(hub, monkeypatch):
    """The real loading code, on a checkpoint that this test writes."""
    from torchvision.models import SqueezeNet1_1_Weights, squeezenet1_1

    from sicf import TorchEmbedder

    hub.mkdir()
    torch.manual_seed(3)
    network = squeezenet1_1().eval()
    torch.save(network.state_dict(), hub / "draft.pth")
    digits = network_weights.sha256(hub / "draft.pth")[:8]
    (hub / "draft.pth").rename(hub / f"squeezenet1_1-{digits}.pth")
    address = f"https://example.invalid/squeezenet1_1-{digits}.pth"
    monkeypatch.setattr(network_weights, "_torchvision_address", lambda model, weights: address)
    X = torch.rand(2, 48, 48).numpy()
    rows = TorchEmbedder("squeezenet1_1", "features.2", weights="DEFAULT").fit_transform(X)
    assert rows.shape == (2, 64)
    assert SqueezeNet1_1_Weights.DEFAULT.url.startswith("https://")


def test_folder_of_torch_that_cannot_be_made_is_unavailable(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "file"))
    with pytest.raises(WeightsUnavailableError, match="Or give a file"):
        network_weights.fetch(f"http://127.0.0.1:9/gone/{NAME}")


def test_users_file_is_held_to_the_hash_in_its_name(tmp_path):
    good, bad = tmp_path / NAME, tmp_path / "vgg16-397923af.pth"
    good.write_bytes(CONTENT)
    bad.write_bytes(CONTENT)
    assert network_weights.find_weights("vgg16", good) == good
    with pytest.raises(ValueError, match=f"begins with 397923af. Got {NAME[5:13]} instead"):
        network_weights.find_weights("vgg16", bad)


@pytest.mark.parametrize("name", ["tumour-20240131.pth", "tumour-2.pth", "tumour-augmented.pth"])
def test_name_of_a_users_file_needs_no_hash(tmp_path, name):
    (tmp_path / name).write_bytes(CONTENT)
    assert network_weights.find_weights("vgg16", str(tmp_path / name)) == tmp_path / name


def test_torchvisions_enum_member_is_its_name(monkeypatch):
    from torchvision.models import SqueezeNet1_1_Weights, VGG16_Weights

    monkeypatch.setattr(network_weights, "fetch", lambda url: url)
    member = SqueezeNet1_1_Weights.IMAGENET1K_V1
    assert network_weights.find_weights("squeezenet1_1", member) == member.url
    with pytest.raises(ValueError, match="Got 'VGG16_Weights.IMAGENET1K_V1' instead"):
        network_weights.find_weights("squeezenet1_1", VGG16_Weights.IMAGENET1K_V1)


@pytest.mark.parametrize("weights", [{"weight": torch.zeros(1)}, 3, b"file.pth"])
def test_weights_of_another_type_are_refused(weights):
    with pytest.raises(TypeError, match="name of a file. Got .* instead; a state dict goes into"):
        network_weights.find_weights("vgg16", weights)


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"'IMAGENET1K_V1', 'IMAGENET1K_FEATURES'.*'IMAGENET'"):
        network_weights.find_weights("vgg16", "IMAGENET")


@pytest.mark.parametrize("suffix", [".pth", ".pt", ".safetensors"])
def test_damaged_file_is_named(tmp_path, suffix):
    path = tmp_path / f"damaged{suffix}"
    path.write_bytes(b"\x80\x02junk")
    with pytest.raises(ValueError, match=f"damaged{suffix} cannot be read"):
        network_weights.read_state_dict(path)


def test_file_that_holds_something_else_is_named(tmp_path):
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(ValueError, match="list.pth holds something else"):
        network_weights.read_state_dict(tmp_path / "list.pth")


def test_pickled_code_is_not_run(tmp_path):
    path = tmp_path / "evil.pth"
    torch.save({"weight": Evil()}, path)
    with pytest.raises(ValueError, match="cannot be read"):
        network_weights.read_state_dict(path)


class Evil:
    def __reduce__(self):
        return pytest.fail, ("code of the file was run",)
