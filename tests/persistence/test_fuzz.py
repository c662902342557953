"""Files altered by bytes and by meaning: an error of ours or an estimator; nothing run, no hang."""

import json
import random
import sys
import time
import warnings

import numpy as np
import pytest

import sicf
from sicf import PersistenceError
from tests.persistence.altered_file import members_of, nodes_in, write_body, write_members

ROUNDS = pytest.mark.parametrize("share", [1, pytest.param(25, marks=pytest.mark.slow)])
LONGEST = 5  # seconds; a load takes milliseconds
PACKAGES = {"numpy", "scipy", "sicf", "skops", "sklearn"}
ACTS = (
    "os.exec",
    "os.fork",
    "os.mkdir",
    "os.posix_spawn",
    "os.remove",
    "os.rename",
    "os.system",
    "pickle.find_class",
    "shutil.rmtree",
    "socket.connect",
    "subprocess.Popen",
)
# Stand where a file has a name, a number, or text.
ODD = (
    None, True, 0, -1, 3, 2**31, 2**63, 10**400, 1.5, "", ".", "eval", "system", "os", "builtins",
    "operator", "nt", "sicf.features._network", "find_factory", "sklearn.datasets",
    "fetch_openml", "functools", "partial", "ObjectNode", "FunctionNode", "MethodNode", "TypeNode",
    "PartialNode", "OperatorFuncNode", "ConstructorFromReduceNode", "ListNode", "DictNode",
    "NdArrayNode", "JsonNode", "CachedNode", "SparseMatrixNode", "TreeNode", "LossNode",
    "schema.json", "../../etc/passwd", "[" * 10_000, "1" * 10_000, [], {}, [[]], {"a": {}},
)  # fmt: skip
_seen = []
_armed = [False]


def _listen(event, arguments):
    if not _armed[0]:
        return
    imports = event == "import" and arguments[0].split(".")[0] not in PACKAGES
    writes = event == "open" and set(str(arguments[1] or "r")) & set("wax+")
    if event in ACTS or writes or (imports and arguments[0] not in sys.modules):
        _seen.append((event, *map(str, arguments)))


@pytest.fixture(scope="module")
def listening():
    sys.addaudithook(_listen)  # no hook can be taken off again: it is deaf while it is not armed


@pytest.fixture
def path(forest, tmp_path):
    sicf.save(forest, tmp_path / "forest.sicf")
    sicf.load(tmp_path / "forest.sicf")  # so that all that is ever imported has been
    return tmp_path / "forest.sicf"


def load(path):
    """Load it if it can be loaded, and see to what happens meanwhile."""
    _seen.clear()
    start = time.monotonic()
    _armed[0] = True
    try:
        with warnings.catch_warnings(action="ignore"):
            estimator = sicf.load(path)
    except PersistenceError:
        estimator = None
    finally:
        _armed[0] = False
    assert not _seen
    assert time.monotonic() - start < LONGEST
    assert estimator is None or hasattr(estimator, "get_params")
    return estimator


def altered(content, rng):
    """Alter bytes: flip, cut out, put in, repeat."""
    content = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8))):
        place, length = rng.randrange(len(content)), rng.choice((1, 1, 4, 40))
        new = rng.choice((rng.randbytes(length), b"\xff" * length, b"\0" * length, b"9" * length))
        kept = rng.choice((length, 0, 2 * length))
        content[place : place + kept] = rng.choice((new, b"", new, content[:length]))
        content = content or bytearray(b"\0")
    return bytes(content)


def test_the_hook_hears(listening, tmp_path):
    _seen.clear()
    _armed[0] = True
    (tmp_path / "new").mkdir()
    _armed[0] = False
    assert _seen


@ROUNDS
def test_altered_bytes_under_a_checksum_that_holds(share, listening, path):
    rng = random.Random(share)
    whole = path.read_bytes().split(b"\n", 2)[2]
    loaded = 0
    for _ in range(400 * share):
        write_body(path, altered(whole, rng))
        loaded += load(path) is not None
    assert loaded < 200 * share


@ROUNDS
def test_altered_members_in_an_archive_that_holds(share, listening, path):
    rng = random.Random(share + 1)
    members = members_of(path)
    refused = 0
    for _ in range(700 * share):
        name = rng.choice(list(members)) if rng.random() < 0.5 else "schema.json"
        write_members(path, members | {name: altered(members[name], rng)})
        refused += load(path) is None
    assert 350 * share < refused < 700 * share  # some are numbers of a tree that a tree may have


@ROUNDS
def test_altered_meaning(share, listening, path):
    rng = random.Random(share + 2)
    members = members_of(path)
    refused = 0
    for _ in range(500 * share):
        schema = json.loads(members["schema.json"])
        nodes = list(nodes_in(schema))
        for _ in range(rng.choice((1, 1, 3))):
            node = rng.choice(nodes)
            other = rng.choice(nodes)
            node[rng.choice(list(node))] = rng.choice((rng.choice(ODD), other, *other.values()))
        try:
            text = json.dumps(schema)
        except ValueError:  # a part of itself, which no text says
            continue
        write_members(path, members | {"schema.json": text.encode()})
        refused += load(path) is None
    assert refused > 250 * share


@ROUNDS
def test_trees_of_a_file_that_loads_come_to_an_end(share, listening, path, iris):
    """Numbers of a tree, altered until it is refused, or predicts."""
    rng = np.random.default_rng(share)
    members = members_of(path)
    nodes = [name for name in members if b"left_child" in members[name]]
    assert len(nodes) == 3
    predicted = 0
    for _ in range(200 * share):
        name = str(rng.choice(nodes))
        content = bytearray(members[name])
        start = content.index(b"\n") + 1
        for place in rng.integers(start, len(content), 2).tolist():
            content[place] = int(rng.choice([0, 1, 2, 3, 128, 255]))
        write_members(path, members | {name: bytes(content)})
        estimator = load(path)
        if estimator is not None:
            assert estimator.predict(iris[0]).shape == (150,)
            predicted += 1
    assert 0 < predicted < 200 * share
