"""A file is whole or as it was, and who asks for it hears which one it was."""

import resource

import pytest

from sicf._atomic_file import replace_file


def test_full_disk_is_told_with_the_name_and_the_file_before_stays(tmp_path):
    path = tmp_path / "kept.sicf"
    replace_file(path, b"old ", b"content")
    bounds = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, bounds[1]))
    try:
        with pytest.raises(OSError, match=r"what was there before is whole: .*kept\.sicf"):
            replace_file(path, bytes(2000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, bounds)
    assert path.read_bytes() == b"old content"
    assert list(tmp_path.iterdir()) == [path]


def test_folder_that_is_not_there_is_told_with_the_name(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none/kept\.sicf"):
        replace_file(tmp_path / "none" / "kept.sicf", b"")
