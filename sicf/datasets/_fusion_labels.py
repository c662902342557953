"""Labels of fusion sets: boxes in VOC's XML, boxes in YOLO's lines, and pictures of classes."""

import numpy as np

from sicf.images.files._bounded_file import BoundedFile
from sicf.images.files._guarded import Fault, read_guarded

# A street with a hundred boxes takes 30,000 bytes.
LARGEST = 2**20
CORNERS = ("xmin", "ymin", "xmax", "ymax")


def read_labels(path, names, shape):
    """Read the labels of one picture.

    Parameters
    ----------
    path : Path
        .xml, .txt or .png.
    names : tuple of str
        The classes, the background first.
    shape : (int, int)
        Of the picture.

    Returns
    -------
    dict with "boxes" and "labels", or ndarray of uint8 of shape (H, W)
    """
    kind, reader = {
        ".xml": ("VOC's boxes", _read_voc),
        ".txt": ("YOLO's boxes", _read_yolo),
        ".png": ("a picture of classes", _read_classes),
    }[path.suffix]
    return read_guarded(path, kind, lambda: reader(path, names, shape))


def _read_voc(path, names, shape):
    root = _parse(_bytes(path))
    boxes, labels = [], []
    for thing in root.iter("object"):
        name = (thing.findtext("name") or "").strip()
        if name not in names[1:]:
            raise Fault(f"a name must be one of {names[1:]}. Got {name[:40]!r}")
        corners = [thing.findtext(f"bndbox/{corner}") for corner in CORNERS]
        if None in corners:
            raise Fault(f"a box must have {', '.join(CORNERS)}")
        boxes.append([_number(corner) for corner in corners])
        labels.append(names.index(name))
    return _checked(boxes, labels)


def _read_yolo(path, names, shape):
    height, width = shape
    boxes, labels = [], []
    for line in _bytes(path).decode("ascii").splitlines():
        cells = line.split()
        if len(cells) != 5 or not cells[0].isdigit() or int(cells[0]) + 1 >= len(names):
            raise Fault(f"a line must be a class of {names[1:]}, centre and size of a box")
        x, y, w, h = (_number(cell) for cell in cells[1:])
        boxes.append(
            [(x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height]
        )
        labels.append(int(cells[0]) + 1)
    return _checked(boxes, labels)


def _read_classes(path, names, shape):
    from PIL import Image

    with BoundedFile(path) as opened, Image.open(opened, formats=("PNG",)) as picture:
        # Of a palette the numbers are the classes, whatever colours they are shown in.
        if picture.mode not in ("L", "P"):
            raise Fault(f"it must be grey or have a palette. Got the mode {picture.mode}")
        if picture.size != shape[::-1]:
            raise Fault(f"it must be as large as its picture, {shape}. Got {picture.size[::-1]}")
        classes = np.array(picture)
    if classes.max() >= len(names):
        raise Fault(f"classes must lie between 0 and {len(names) - 1}. Got {classes.max()}")
    return classes


def _bytes(path):
    if path.stat().st_size > LARGEST:
        raise Fault(f"it must have at most {LARGEST} bytes. Got {path.stat().st_size}")
    return path.read_bytes()


def _parse(content):
    """Parse XML without a document type, and so without entities that unfold to gigabytes."""
    from xml.etree.ElementTree import TreeBuilder
    from xml.parsers import expat

    def refuse(*_):
        raise Fault("a DOCTYPE is not read, since entities can be hidden in it")

    builder, parser = TreeBuilder(), expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.Parse(content, True)
    return builder.close()


def _number(text):
    try:
        return float(text)
    except ValueError:
        raise Fault(f"corners must be numbers. Got {text[:40]!r}") from None


def _checked(boxes, labels):
    boxes = np.array(boxes, np.float64).reshape(-1, 4)
    if not np.isfinite(boxes).all() or (boxes[:, :2] > boxes[:, 2:]).any():
        raise Fault("a box must be finite, with its first corner before its last")
    return {"boxes": boxes, "labels": np.array(labels, np.int64)}
