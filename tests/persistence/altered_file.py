"""Take a saved file apart and put another together, with a checksum that holds."""

import hashlib
import io
import json
import zipfile


def members_of(path):
    """Members of a saved file, by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_members(path, members, compression=zipfile.ZIP_STORED):
    """Write a file of these members."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    write_body(path, body.getvalue())


def write_body(path, body, version=1):
    """Write a file of this body, whatever it is."""
    digest = hashlib.sha256(body).hexdigest()
    path.write_bytes(f"sicf estimator {version}\n{digest}\n".encode() + body)


def alter_schema(path, alter):
    """Let a function change what skops would build; what it returns, if anything, replaces it."""
    members = members_of(path)
    schema = json.loads(members["schema.json"])
    schema = alter(schema) or schema
    write_members(path, members | {"schema.json": json.dumps(schema).encode()})


def nodes_in(schema):
    """Every part of a schema."""
    waiting = [schema]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, dict):
            if "__loader__" in thing:
                yield thing
            waiting.extend(thing.values())
        elif isinstance(thing, list):
            waiting.extend(thing)
