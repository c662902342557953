"""One file of arrays and JSON: no pickle, a checksum, written whole or not at all.

A sealed file of a zip archive of NumPy's ``.npz`` arrays, of which one, ``text``, holds JSON.
"""

import io
import json
import zipfile

import numpy as np

from sicf._sealed_file import read_sealed, write_sealed


def write_kept(path, kind, version, text, arrays):
    """Write a file; one that is there stays whole until then.

    Parameters
    ----------
    path : Path
    kind : str
        What the file is, one word.
    version : int
        Of the format.
    text : dict
        For JSON.
    arrays : dict of str to ndarray
        Of numbers or text.
    """
    body = io.BytesIO()
    packed = {name: plain_array(array, name) for name, array in arrays.items()}
    np.savez_compressed(body, text=json.dumps(text), **packed)
    write_sealed(path, kind, version, body.getvalue())


def read_kept(path, kind, version):
    """Read a file.

    Parameters
    ----------
    path : Path
    kind : str
    version : int
        The newest that is known.

    Returns
    -------
    text : dict
    arrays : dict of str to ndarray

    Raises
    ------
    ValueError
        The file is of another kind, of a newer version, or damaged.
    """
    body = read_sealed(path, kind, version)
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as held:
            arrays = dict(held)
            return json.loads(arrays.pop("text").item()), arrays
    except (zipfile.BadZipFile, KeyError, ValueError) as exc:
        raise ValueError(f"{path} must hold arrays and a JSON text. {exc}") from exc


def plain_array(array, name):
    """An array that needs no pickle: numbers, truth values, dates or text.

    Parameters
    ----------
    array : ndarray
    name : str

    Returns
    -------
    ndarray
    """
    array = np.asarray(array)
    if array.dtype.kind in "biufcUSMm":
        return array
    values = array.ravel().tolist()
    kinds = {type(value) for value in values}
    if len(kinds) == 1 and kinds <= {str, int, float, bool}:
        return np.array(values).reshape(array.shape)
    raise ValueError(
        f"{name} must hold numbers or text of one type to be kept. Got "
        f"{sorted(kind.__name__ for kind in kinds)} instead."
    )
