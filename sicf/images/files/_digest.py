"""What a sample's content is, in 32 bytes: files by their bytes, never by their names."""

import hashlib
import os
from pathlib import Path

import numpy as np

from sicf.images.files._guarded import read_guarded
from sicf.images.files._nifti_file import is_nibabel
from sicf.images.files._open_scan import files_of, kind_of
from sicf.images.files._sample_sheet import Sample
from sicf.images.files._simpleitk_image import is_simpleitk


def digest_sample(sample: Sample) -> bytes:
    """Digest the content of a sample's sequences and mask, each in its place.

    Files are streamed, so that memory stays flat. A folder is the set of its files.

    Parameters
    ----------
    sample : Sample

    Returns
    -------
    bytes of length 32
    """
    parts = [_digest_source(source) for source in sample.sequences]
    mask = b"no mask" if sample.mask is None else _digest_source(sample.mask)
    return _combine(str(len(parts)).encode(), *parts, mask)


def _digest_source(source):
    if source is None:
        return b"missing"
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        digests = sorted(_digest_file(file) for file in files_of(path))
        return _combine(b"folder" if path.is_dir() else b"file", *digests)
    return read_guarded("an image in memory", "an image", lambda: _digest_image(source))


def _digest_file(path):
    def digest():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()

    return _combine(kind_of(path).encode(), read_guarded(path, "a file", digest))


def _digest_image(source):
    if is_nibabel(source):
        units = source.header.get("xyzt_units", 0) if hasattr(source.header, "get") else 0
        stored = str(source.get_data_dtype())
        return _digest_array(np.asanyarray(source.dataobj), stored, repr(int(units)), source.affine)
    if is_simpleitk(source):
        import SimpleITK

        place = [source.GetOrigin(), source.GetSpacing(), source.GetDirection()]
        components = str(source.GetNumberOfComponentsPerPixel())
        return _digest_array(SimpleITK.GetArrayViewFromImage(source), components, repr(place))
    return _digest_array(np.asarray(source))


def _digest_array(array, *more):
    digest = hashlib.sha256(np.ascontiguousarray(array).view(np.uint8).reshape(-1).data)
    words = [part if isinstance(part, str) else np.asarray(part, "<f8").tobytes() for part in more]
    words = [word.encode() if isinstance(word, str) else word for word in words]
    return _combine(array.dtype.str.encode(), str(array.shape).encode(), *words, digest.digest())


def _combine(*parts):
    """Digest parts so that no other parts run together to the same bytes."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.digest()
