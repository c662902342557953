"""What a part of skops's schema is made of."""

LISTS = ("ListNode", "SetNode", "TupleNode")
ALONE = ("ObjectNode", "RandomStateNode", "DTypeNode")
NAMED = {"MaskedArrayNode": ("data", "mask"), "RandomGeneratorNode": ("bit_generator", "seed_seq")}
REDUCED = ("LossNode", "TreeNode")
NOTHING = ("BytesNode", "FunctionNode", "JsonNode", "TypeNode")


def parts_of(node):
    """Give the parts that skops will build for a part.

    Parameters
    ----------
    node : dict
        With a known `__loader__`.

    Returns
    -------
    list
        Of dicts, if the file is one of ours.

    Raises
    ------
    ValueError
        It lacks something, or has something of another kind.
    """
    loader, content = node["__loader__"], node.get("content")
    if loader in LISTS:
        return _list(content)
    if loader == "DictNode":
        return [_item(node, "key_types"), *_dict(content).values()]
    if loader in ALONE:
        return [] if content is None and loader == "ObjectNode" else [content]
    if loader in NAMED:
        return [_item(_dict(content), name) for name in NAMED[loader]]
    if loader in REDUCED:
        return [content, _item(_dict(node.get("__reduce__")), "args")]
    if loader == "NdArrayNode":
        return _parts_of_array(node)
    if loader == "SliceNode":
        return _check_slice(_dict(content))
    if loader == "JsonNode" and not isinstance(content, str):
        raise ValueError(f"Text is {content!r:.80}.")
    return []


def _parts_of_array(node):
    if node.get("type") == "numpy":
        _item(node, "file")
        return []
    if node.get("type") != "json":
        raise ValueError(f"An array is of type {node.get('type')!r:.80}.")
    # An array of objects has parts; without an axis it is one that skops cannot read again.
    return [*_list(node.get("content")), _item(node, "shape")]


def _check_slice(content):
    for name in ("start", "stop", "step"):
        if not isinstance(_item(content, name), int | None):
            raise ValueError(f"A slice has {content[name]!r:.80}.")
    return []


def _list(content):
    if not isinstance(content, list):
        raise ValueError(f"A list is {content!r:.80}.")
    return content


def _dict(content):
    if not isinstance(content, dict):
        raise ValueError(f"A dict is {content!r:.80}.")
    return content


def _item(content, name):
    if name not in content:
        raise ValueError(f"A part lacks {name!r}.")
    return content[name]
