"""What skops is about to build: checked for form, before skops reads it.

skops checks that every type is trusted. Trust is for what a type is used for: that a file does not
call a trusted class or function by naming it as the type of a list, does not make skops read one
member a million times or walk in circles, and does not choose the looser readers of old formats is
seen to here. The walk has no recursion, so that no file is too deep for it.
"""

from sicf.persistence._node_parts import parts_of

SCHEMA = "schema.json"
LOWEST_PROTOCOL = 2
DEEPEST = 100
KEY_TYPES = frozenset(f"builtins.{name}" for name in ("str", "int", "float"))

# By skops's name for how a thing is built: the types that may be built so, and how they begin.
WHOLE = {
    "BytesNode": ("builtins.bytes",),
    "DTypeNode": ("numpy.dtype",),
    "DictNode": ("builtins.dict", "collections.OrderedDict", "sklearn.utils._bunch.Bunch"),
    "JsonNode": ("builtins.str",),
    "ListNode": ("builtins.list",),
    "SetNode": ("builtins.set",),
    "SliceNode": ("builtins.slice",),
    "TreeNode": ("sklearn.tree._tree.Tree",),
    "TupleNode": ("builtins.tuple",),
}
START = {
    # Some builds of scikit-learn leave the package out of the name.
    "LossNode": ("sklearn.", "_loss."),
    "MaskedArrayNode": "numpy.ma.",
    "NdArrayNode": "numpy.",
    "RandomGeneratorNode": "numpy.random.",
    "RandomStateNode": "numpy.random.",
    # Whatever is trusted: attributes are put into a new object, and functions are not called.
    "FunctionNode": "",
    "ObjectNode": "",
    "TypeNode": "",
}


def audit_schema(schema):
    """Check the form of what skops will build.

    Parameters
    ----------
    schema : object
        From JSON.

    Raises
    ------
    ValueError
        At the first thing that no file of ours holds.
    """
    protocol = schema.get("protocol") if isinstance(schema, dict) else None
    if type(protocol) is not int or protocol < LOWEST_PROTOCOL:
        raise ValueError(f"skops's protocol must be at least {LOWEST_PROTOCOL}. Got {protocol!r}.")
    first, owners, waiting = {}, {}, [(schema, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEEPEST:
            raise ValueError(f"Parts must be nested at most {DEEPEST} deep.")
        _check_type(node)
        _check_reuse(node, first, owners)
        if node["__loader__"] == "DictNode":
            _check_keys(node)
        waiting.extend((part, depth + 1) for part in parts_of(node))


def _check_type(node):
    if not isinstance(node, dict):
        raise ValueError(f"A part must be an object. Got {node!r:.80}.")
    loader, module, name = (node.get(key) for key in ("__loader__", "__module__", "__class__"))
    if not isinstance(loader, str) or not isinstance(module, str) or not isinstance(name, str):
        raise ValueError(f"A part must have names. Got {(loader, module, name)!r:.80}.")
    whole = f"{module}.{name}"
    if whole not in WHOLE.get(loader, ()) and not whole.startswith(START.get(loader, ())):
        raise ValueError(f"{loader[:80]} must not build {whole[:80]}.")
    if "." in name:
        raise ValueError(f"{whole[:80]} must be a class or a function of a module.")


def _check_reuse(node, first, owners):
    """A part that comes again is the same part, and a member belongs to one part.

    skops takes the first part for all with its id, so a short part may stand for a long one, and
    twenty lines for a million parts, or for one that holds itself.
    """
    number, file = node.get("__id__"), node.get("file")
    if type(number) is not int:
        raise ValueError(f"A part must have an id. Got {number!r:.80}.")
    if not _is_same(first.setdefault(number, node), node):
        raise ValueError(f"Parts with one id must be one part. Those with {number!r:.80} are not.")
    if file is not None and (
        not isinstance(file, str) or owners.setdefault(file, number) != number
    ):
        raise ValueError(f"A member must belong to one part. Got {file!r:.80}.")


def _is_same(one, other):
    """Equal, but for ids and members: a state that is made anew each time has new ones."""
    if one is other:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            _is_label(name, one[name], other[name]) or _is_same(one[name], other[name])
            for name in one
        )
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return one == other


def _is_label(name, one, other):
    kind = {"file": str, "__id__": int}.get(name)
    return kind is not None and type(one) is type(other) is kind


def _check_keys(node):
    """The types of keys are called with text of the file; and True comes back from it as "True"."""
    kinds, content = node.get("key_types"), node.get("content")
    kinds = kinds.get("content") if isinstance(kinds, dict) else None
    if not isinstance(kinds, list) or not isinstance(content, dict):
        raise ValueError("A dict must have keys with types.")
    for kind in kinds:
        named = isinstance(kind, dict) and f"{kind.get('__module__')}.{kind.get('__class__')}"
        if not named or (named not in KEY_TYPES and not named.startswith("numpy.")):
            raise ValueError(f"Keys of a dict must be text or numbers. Got {named or kind!r:.80}.")
    if len(kinds) != len(content):
        raise ValueError("Two keys of a dict read alike as text.")
