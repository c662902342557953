"""A file with its kind, its format and its checksum in front."""

import hashlib

import pytest

from sicf._sealed_file import read_sealed, write_sealed


def test_what_was_written_is_read_and_the_checksum_is_sha256(tmp_path):
    body = bytes(range(256)) * 3
    write_sealed(tmp_path / "file", "thing", 4, body)
    first, digest, rest = (tmp_path / "file").read_bytes().split(b"\n", 2)
    assert (first, rest) == (b"sicf thing 4", body)
    assert digest.decode() == hashlib.sha256(body).hexdigest()
    assert read_sealed(tmp_path / "file", "thing", 4) == body
    assert read_sealed(tmp_path / "file", "thing", 5) == body


@pytest.mark.parametrize(
    ("kind", "version", "message"),
    [("other", 4, "must be a file of a sicf other. It begins with b'sicf thing 4'"),
     ("thing", 3, "has format 4, and this version of sicf knows up to 3")],
)  # fmt: skip
def test_another_kind_and_a_newer_format_are_refused(kind, version, message, tmp_path):
    write_sealed(tmp_path / "file", "thing", 4, b"body")
    with pytest.raises(ValueError, match=message):
        read_sealed(tmp_path / "file", kind, version)


def test_damage_is_seen(tmp_path):
    write_sealed(tmp_path / "file", "thing", 1, b"body")
    (tmp_path / "file").write_bytes((tmp_path / "file").read_bytes().replace(b"body", b"bodY"))
    with pytest.raises(ValueError, match="is damaged"):
        read_sealed(tmp_path / "file", "thing", 1)
