"""Files that somebody wrote on purpose: refused before anything of theirs is made or followed."""

import io
import json
import os
import time
from contextlib import suppress

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import KernelDensity, KNeighborsClassifier
from sklearn.svm import SVC

import sicf
from sicf import PersistenceError, TorchEmbedder
from tests.persistence.altered_file import alter_schema, members_of, nodes_in, write_members
from tests.test_image_contracts import SMALL_NETWORK


@pytest.fixture
def path(forest, tmp_path):
    sicf.save(forest, tmp_path / "forest.sicf")
    return tmp_path / "forest.sicf"


def part(loader, name, content=None, number=1, **more):
    module, _, name = name.rpartition(".")
    names = {"__loader__": loader, "__module__": module, "__class__": name, "__id__": number}
    return names | ({} if content is None else {"content": content}) | more


def text(value, number=2):
    return part("JsonNode", "builtins.str", json.dumps(value), number)


def listed(*content, number=3):
    return part("ListNode", "builtins.list", list(content), number)


def dumped(node, **more):
    return node | {"protocol": 2, "_skops_version": "0.13.0"} | more


@pytest.fixture
def canary(tmp_path, monkeypatch):
    """A shell command that would leave a file."""
    yield f"touch {tmp_path / 'canary'}"
    assert not (tmp_path / "canary").exists()


CALLABLES = ["os.system", "builtins.eval", "builtins.exec", "subprocess.Popen", "builtins.open"]


@pytest.mark.parametrize("name", CALLABLES)
@pytest.mark.parametrize(
    "loader",
    ["FunctionNode", "TypeNode", "ObjectNode", "ListNode", "SetNode", "TupleNode", "DictNode",
     "NdArrayNode", "ConstructorFromReduceNode", "LossNode", "TreeNode", "BytesNode", "SliceNode",
     "MaskedArrayNode", "RandomStateNode", "RandomGeneratorNode", "DTypeNode", "JsonNode"],
)  # fmt: skip
def test_code_by_name_is_refused(name, loader, path, canary):
    arguments = listed(text(canary))
    evil = part(loader, name, [text(canary, 5)], 9, type="json", shape=arguments)
    evil["__reduce__"] = {"args": arguments}
    for content in (evil["content"], arguments, {}, '""'):
        whole = dumped(listed(evil | {"content": content}, number=10))
        alter_schema(path, lambda _, whole=whole: whole)
        with pytest.raises(PersistenceError):
            sicf.load(path)


def test_code_in_place_of_a_class_of_ours_is_named(path):
    def alter(schema):
        node = next(node for node in nodes_in(schema) if node["__class__"] == "RandomColumns")
        node["__module__"], node["__class__"] = "os", "system"

    alter_schema(path, alter)
    with pytest.raises(PersistenceError, match=r"Untrusted types found in the file: \['os.system'"):
        sicf.load(path)


@pytest.mark.parametrize(
    "loader", ["MethodNode", "PartialNode", "OperatorFuncNode", "ConstructorFromReduceNode",
               "DefaultDictNode", "SparseMatrixNode", "CachedNode", "NoNode"]
)  # fmt: skip
def test_what_save_never_writes_is_not_read(loader, path):
    alter_schema(path, lambda _: dumped(part(loader, "sicf.features._sicf.SICF", [])))
    with pytest.raises(PersistenceError, match=f"{loader} must not build sicf.features._sicf.SICF"):
        sicf.load(path)


def test_trusted_functions_are_not_called_by_what_a_list_is_made_of(path):
    name = "sklearn.metrics._classification.accuracy_score"
    for loader in ("ListNode", "SetNode", "TupleNode", "DictNode", "NdArrayNode"):
        alter_schema(path, lambda _, loader=loader: dumped(part(loader, name, [])))
        with pytest.raises(PersistenceError, match=f"{loader} must not build"):
            sicf.load(path)
    keys = listed(part("FunctionNode", name, number=4), number=5)
    node = part("DictNode", "builtins.dict", {"a": text(1)}, 6, key_types=keys)
    alter_schema(path, lambda _: dumped(node))
    with pytest.raises(PersistenceError, match="Keys of a dict must be text or numbers"):
        sicf.load(path)


@pytest.mark.parametrize("protocol", [0, 1, -1, True, "2", None])
def test_loose_readers_of_old_formats_cannot_be_chosen(protocol, path):
    alter_schema(path, lambda schema: schema | {"protocol": protocol})
    with pytest.raises(PersistenceError, match="protocol"):
        sicf.load(path)


def quickly_refused(path, message):
    start = time.monotonic()
    with pytest.raises(PersistenceError, match=message):
        sicf.load(path)
    assert time.monotonic() - start < 5


def test_nesting_has_an_end(path):
    node = text(1)
    for number in range(10, 130):
        node = listed(node, number=number)
    alter_schema(path, lambda _: dumped(node))
    quickly_refused(path, "nested at most 100 deep")
    members = members_of(path)
    for bad in (b"[" * 10**6, b'{"a":' * 10**5, b"1" * 10**6):
        write_members(path, members | {"schema.json": bad})
        quickly_refused(path, "does not hold an estimator")


def test_parts_that_hold_themselves_or_stand_for_many(path):
    loop = listed(listed(number=3), number=3)
    doubled = text(1, number=100)
    for number in range(101, 140):
        short = part("ListNode", "builtins.list", [], number - 1)
        doubled = listed(doubled, short, short, number=number)
    for node in (loop, doubled):
        alter_schema(path, lambda _, node=node: dumped(node))
        quickly_refused(path, "Parts with one id must be one part")


def test_a_member_is_read_for_one_part(path):
    name = next(name for name in members_of(path) if name.endswith(".npy"))
    arrays = [
        part("NdArrayNode", "numpy.ndarray", number=number, type="numpy", file=name)
        for number in range(10, 1000)
    ]
    alter_schema(path, lambda _: dumped(listed(*arrays)))
    quickly_refused(path, "A member must belong to one part")


def test_arrays_are_as_large_as_they_say(path):
    members = members_of(path)
    name = next(name for name in members if name.endswith(".npy"))
    for shape, dtype in [((10**12,), "<f8"), ((2**40, 2**40), "<f8"), ((-1,), "<f8"), ((1,), "|O")]:
        file = io.BytesIO()
        form = {"shape": shape, "fortran_order": False, "descr": dtype}
        np.lib.format.write_array_header_2_0(file, form)
        write_members(path, members | {name: file.getvalue() + bytes(8)})
        quickly_refused(path, f"{name} must hold the array it describes")
    for wrong in (b"", b"\x93NUMPY\x09\x00", b"pickle"):
        write_members(path, members | {name: wrong})
        quickly_refused(path, "does not hold an estimator")


@pytest.mark.parametrize("name", ["weights", "fine_tune", "weights_fingerprint_", "model"])
@pytest.mark.parametrize("value", [None, 3, "no_such", [], {}])
def test_networks_with_odd_attributes_are_refused_or_loaded(name, value, pictures, tmp_path):
    path = saved(TorchEmbedder(**SMALL_NETWORK).fit(pictures[0]), tmp_path)

    def alter(schema):
        attributes = schema["content"]["content"]
        assert name in attributes
        if value == {}:
            attributes.pop(name)
            del schema["content"]["key_types"]["content"][0]
        else:
            attributes[name] = listed(number=99) if value == [] else text(value, number=99)

    alter_schema(path, alter)
    with suppress(PersistenceError):
        assert isinstance(sicf.load(path), TorchEmbedder)


def test_what_is_no_estimator(path):
    for node in (text("forest"), listed(), part("TypeNode", "sklearn.svm._classes.SVC")):
        alter_schema(path, lambda _, node=node: dumped(node))
        with pytest.raises(PersistenceError):
            sicf.load(path)


def saved(estimator, folder):
    sicf.save(estimator, folder / "crafted.sicf")
    return folder / "crafted.sicf"


def alter_nodes(path, alter):
    """Alter the nodes of a tree, in place."""
    members = members_of(path)
    name = next(name for name in members if b"left_child" in members[name])
    nodes = np.load(io.BytesIO(members[name]))
    alter(nodes)
    file = io.BytesIO()
    np.save(file, nodes)
    write_members(path, members | {name: file.getvalue()})


@pytest.mark.parametrize(
    ("field", "value"),
    [("left_child", 0), ("left_child", 10**6), ("left_child", -2), ("right_child", 0),
     ("right_child", -1), ("feature", 2), ("feature", -5)],
)  # fmt: skip
def test_trees_lead_onwards(field, value, path):
    def alter(nodes):
        nodes[field][0] = value

    alter_nodes(path, alter)
    with pytest.raises(PersistenceError, match="lead to a later one, by one of its columns"):
        sicf.load(path)


def alter_number(path, key, value):
    """Alter the first number under a key, of an attribute or of a tree."""

    def alter(schema):
        holder = next(
            node
            for node in nodes_in(schema)
            if node["__loader__"] == "DictNode" and key in node["content"]
        )
        holder["content"][key] = text(value, number=987654)

    alter_schema(path, alter)


def test_trees_have_the_nodes_and_columns_they_claim(path, forest, iris, tmp_path):
    alter_number(path, "node_count", 1)
    with pytest.raises(PersistenceError, match="It claims 1 of"):
        sicf.load(path)
    model = clone(forest).fit(*iris)
    for part in (model[-1], *model[-1].estimators_):
        part.n_features_in_ = 1
    with pytest.raises(PersistenceError, match="A tree must have the nodes and the 1 columns"):
        sicf.save(model, tmp_path / "crafted.sicf")
    model = clone(forest).fit(*iris)
    model[-1].n_features_in_ = 9
    with pytest.raises(PersistenceError, match="must take 9 columns. One takes 2"):
        sicf.save(model, tmp_path / "crafted.sicf")
    model = IsolationForest(n_estimators=2, max_features=0.5).fit(iris[0])
    model._max_features = 4
    with pytest.raises(PersistenceError, match="must take 4 columns. One takes 2"):
        sicf.save(model, tmp_path / "crafted.sicf")


def test_neighbours_are_found_by_a_tree_that_is_built_anew(iris, tmp_path):
    model = KNeighborsClassifier().fit(*iris)
    expected = model.kneighbors(iris[0])
    path = saved(model, tmp_path)
    members = members_of(path)
    order = np.arange(150)
    name = next(
        name
        for name in members
        if name.endswith(".npy")
        and np.array_equal(np.sort(np.load(io.BytesIO(members[name])), axis=0), order)
    )
    file = io.BytesIO()
    np.save(file, order + 10**9)
    write_members(path, members | {name: file.getvalue()})
    for mine, theirs in zip(sicf.load(path).kneighbors(iris[0]), expected, strict=True):
        assert_array_equal(mine, theirs)
    with pytest.raises(PersistenceError, match="must belong to a model of neighbours"):
        sicf.save(KernelDensity().fit(iris[0]), tmp_path / "density.sicf")


def test_neighbours_have_labels_of_classes(iris, tmp_path):
    model = KNeighborsClassifier(algorithm="brute").fit(*iris)
    for labels, message in [
        (model._y + 1, "below the number of classes, 3"),
        (model._y - 1, "below"),
        (model._y[:9], "one label for each"),
    ]:
        model._y = labels
        with pytest.raises(PersistenceError, match=message):
            sicf.save(model, tmp_path / "crafted.sicf")


@pytest.mark.parametrize(
    ("name", "value"),
    [("_n_support", np.array([10**6, -(10**6), 0], np.int32)), ("_dual_coef_", np.zeros((1, 1))),
     ("_intercept_", np.zeros(1)), ("_probA", np.zeros(1)), ("support_", np.zeros(3, np.int32)),
     ("support_vectors_", np.zeros((2, 4)))],
)  # fmt: skip
def test_support_vectors_agree(name, value, iris, tmp_path):
    machine = SVC().fit(*iris)
    setattr(machine, name, value)
    with pytest.raises(PersistenceError, match="arrays of a support vector machine must agree"):
        sicf.save(machine, tmp_path / "crafted.sicf")
    assert not os.listdir(tmp_path)
