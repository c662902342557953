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

ANY = ""
# By skops's name for how a thing is built: the types that may be built so, or how they begin.
TYPES = {
    "BytesNode": ("builtins.bytes",),
    "DTypeNode": ("numpy.dtype",),
    "DictNode": ("builtins.dict", "collections.OrderedDict"),
    "FunctionNode": (ANY,),
    "JsonNode": ("builtins.str",),
    "ListNode": ("builtins.list",),
    "LossNode": ("sklearn.",),
    "MaskedArrayNode": ("numpy.ma.",),
    "NdArrayNode": ("numpy.",),
    "ObjectNode": (ANY,),
    "RandomGeneratorNode": ("numpy.random.",),
    "RandomStateNode": ("numpy.random.",),
    "SetNode": ("builtins.set",),
    "SliceNode": ("builtins.slice",),
    "TreeNode": ("sklearn.tree._tree.Tree",),
    "TupleNode": ("builtins.tuple",),
    "TypeNode": (ANY,),
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
    _check(isinstance(schema, dict), "The schema must be an object.")
    protocol = schema.get("protocol")
    _check(type(protocol) is int and protocol >= LOWEST_PROTOCOL, f"protocol is {protocol!r}.")
    first, owners, waiting = {}, {}, [(schema, 0)]
    while waiting:
        node, depth = waiting.pop()
        _check(depth <= DEEPEST, f"It is nested deeper than {DEEPEST} levels.")
        _check_type(node)
        _check_reuse(node, first, owners)
        parts = parts_of(node)
        if node["__loader__"] == "DictNode":
            _check_keys(node)
        waiting.extend((part, depth + 1) for part in parts)


def _check_type(node):
    _check(isinstance(node, dict), f"A part must be an object. It is {node!r:.80}.")
    names = [node.get(name) for name in ("__loader__", "__module__", "__class__")]
    _check(all(isinstance(name, str) for name in names), f"A part's names are {names!r:.80}.")
    loader, module, name = names
    allowed = TYPES.get(loader, ())
    whole = f"{module}.{name}"
    fits = any(
        whole == start or (start[-1:] in ("", ".") and whole.startswith(start)) for start in allowed
    )
    _check(fits, f"{whole} is built by {loader}.")
    _check("." not in name, f"{whole} is no class or function of a module.")


def _check_reuse(node, first, owners):
    """A part that comes again is the same part, and a member belongs to one part.

    skops takes the first part for all with its id, so a short part may stand for a long one, and
    twenty lines for a million parts, or for one that holds itself.
    """
    number = node.get("__id__")
    _check(type(number) is int, f"A part's id is {number!r:.80}.")
    _check(_is_same(first.setdefault(number, node), node), f"Two parts have the id {number}.")
    file = node.get("file")
    if file is not None:
        _check(isinstance(file, str), f"A part's member is {file!r:.80}.")
        _check(owners.setdefault(file, number) == number, f"Two parts have the member {file!r}.")


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
    kinds = node["key_types"]
    _check(isinstance(kinds, dict) and isinstance(kinds.get("content"), list), "No types of keys.")
    names = [
        f"{kind.get('__module__')}.{kind.get('__class__')}"
        for kind in kinds["content"]
        if isinstance(kind, dict)
    ]
    _check(
        all(name in KEY_TYPES or name.startswith("numpy.") for name in names),
        f"Keys of a dict must be text or numbers. Got {sorted(set(names) - KEY_TYPES)[:3]}.",
    )
    _check(len(kinds["content"]) == len(node["content"]), "Two keys of a dict read alike as text.")


def _check(holds, message):
    if not holds:
        raise ValueError(message)
