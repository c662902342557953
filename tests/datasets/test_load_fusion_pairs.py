"""Generated folders in the layouts of four public sets, and what may be wrong with them."""

import cv2
import numpy as np
import pytest
from PIL import Image

from sicf import load_fusion_pairs

SHAPE = (24, 32)
# Layout, split, folders of infrared and visible, ending.
PLACES = [
    ("msrs", "train", "train/ir", "train/vi", "png"),
    ("msrs", "test", "test/ir", "test/vi", "png"),
    ("msrs", "detection", "detection/ir", "detection/vi", "png"),
    ("m3fd", None, "Ir", "Vis", "png"),
    ("roadscene", None, "cropinfrared", "crop_LR_visible", "jpg"),
    ("llvip", "train", "infrared/train", "visible/train", "jpg"),
    ("llvip", "test", "infrared/test", "visible/test", "jpg"),
]
VOC = """<?xml version="1.0" encoding="utf-8"?>
<annotation><folder>x</folder><size><width>32</width><height>24</height></size>{}</annotation>"""
THING = """<object><name>{}</name><bndbox><xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax>
<ymax>{}</ymax></bndbox></object>"""


def write(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), pixels)


def write_pairs(folder, infrared, visible, ending, names=("00002D", "00001N"), shape=SHAPE):
    rng = np.random.default_rng(0)
    for name in names:
        write(folder / infrared / f"{name}.{ending}", rng.integers(0, 256, shape, np.uint8))
        write(folder / visible / f"{name}.{ending}", rng.integers(0, 256, (*shape, 3), np.uint8))


def write_text(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(("layout", "split", "infrared", "visible", "ending"), PLACES)
def test_each_layout_is_found_and_paired_by_name(
    tmp_path, layout, split, infrared, visible, ending
):
    write_pairs(tmp_path, infrared, visible, ending)
    data = load_fusion_pairs(tmp_path, split=split)
    assert data.layout == layout
    assert data.names == ["00001N", "00002D"]
    assert data.labels is None
    assert data.label_names == []
    assert data.images.shape == (2, *SHAPE, 2)
    assert data.images.dtype == np.uint8
    for number, name in enumerate(data.names):
        grey = cv2.imread(str(tmp_path / infrared / f"{name}.{ending}"), cv2.IMREAD_GRAYSCALE)
        colour = cv2.imread(str(tmp_path / visible / f"{name}.{ending}"))
        luminance = cv2.cvtColor(colour, cv2.COLOR_BGR2YCrCb)[:, :, 0]
        # Decoders of JPEG, and roundings of the luminance, differ by a few grey levels.
        near = 1 if ending == "png" else 4
        assert np.abs(data.images[number, :, :, 0] - grey.astype(int)).max() <= near
        assert np.abs(data.images[number, :, :, 1] - luminance.astype(int)).max() <= near
        assert data.visible_files[number] == str(tmp_path / visible / f"{name}.{ending}")


def test_layout_can_be_named_and_pairs_limited(tmp_path):
    write_pairs(tmp_path, "Ir", "Vis", "png", names=("b", "a", "c"))
    assert load_fusion_pairs(tmp_path, layout="m3fd", limit=2).names == ["a", "b"]


def test_pictures_of_several_sizes_come_as_a_list(tmp_path):
    write_pairs(tmp_path, "cropinfrared", "crop_LR_visible", "jpg", names=("a",))
    write_pairs(tmp_path, "cropinfrared", "crop_LR_visible", "jpg", names=("b",), shape=(10, 20))
    images = load_fusion_pairs(tmp_path).images
    assert [image.shape for image in images] == [(24, 32, 2), (10, 20, 2)]


def test_infrared_in_three_channels_is_taken_as_grey(tmp_path):
    grey = np.arange(24 * 32, dtype=np.uint16).reshape(SHAPE).astype(np.uint8)
    write(tmp_path / "Ir" / "a.png", np.dstack([grey] * 3))
    write(tmp_path / "Vis" / "a.png", grey)
    images = load_fusion_pairs(tmp_path).images
    np.testing.assert_array_equal(images[0, :, :, 0], grey)
    np.testing.assert_array_equal(images[0, :, :, 1], grey)


@pytest.mark.parametrize("palette", [False, True])
def test_msrs_has_pictures_of_nine_classes(tmp_path, palette):
    write_pairs(tmp_path, "test/ir", "test/vi", "png")
    place = tmp_path / "test" / "Segmentation_labels"
    place.mkdir()
    classes = np.random.default_rng(1).integers(0, 9, (2, *SHAPE)).astype(np.uint8)
    for name, labels in zip(("00001N", "00002D"), classes, strict=True):
        picture = Image.fromarray(labels)
        if palette:
            picture.putpalette([200, 100, 50] * 256)
        picture.save(place / f"{name}.png")
    data = load_fusion_pairs(tmp_path, split="test")
    np.testing.assert_array_equal(data.labels, classes)
    assert len(data.label_names) == 9
    assert data.label_names[2] == "person"


def test_m3fd_has_boxes_of_six_classes(tmp_path):
    write_pairs(tmp_path, "Ir", "Vis", "png")
    things = THING.format("Car", 3, 4, 10, 12) + THING.format("People", 1, 2, 5, 6)
    write_text(tmp_path / "Annotation" / "00001N.xml", VOC.format(things))
    write_text(tmp_path / "Annotation" / "00002D.xml", VOC.format(""))
    data = load_fusion_pairs(tmp_path)
    assert data.labels[0]["boxes"].tolist() == [[3, 4, 10, 12], [1, 2, 5, 6]]
    assert [data.label_names[label] for label in data.labels[0]["labels"]] == ["Car", "People"]
    assert data.labels[1]["boxes"].shape == (0, 4)
    assert data.labels[1]["labels"].shape == (0,)


def test_llvip_keeps_the_labels_of_both_splits_in_one_folder(tmp_path):
    for split, name in (("train", "010001"), ("test", "190001")):
        write_pairs(tmp_path, f"infrared/{split}", f"visible/{split}", "jpg", names=(name,))
        things = THING.format("person", 1, 2, 3, len(split))
        write_text(tmp_path / "Annotations" / f"{name}.xml", VOC.format(things))
    data = load_fusion_pairs(tmp_path, split="test")
    assert data.names == ["190001"]
    assert data.labels[0]["boxes"].tolist() == [[1, 2, 3, 4]]
    assert data.label_names == ["background", "person"]


def test_msrs_has_a_part_with_boxes_in_shares_of_the_sides(tmp_path):
    write_pairs(tmp_path, "detection/ir", "detection/vi", "png", names=("1",))
    write_text(tmp_path / "detection" / "labels" / "1.txt", "2 0.5 0.25 0.25 0.5\n0 0.5 0.5 1 1\n")
    data = load_fusion_pairs(tmp_path, split="detection")
    # Of 32 columns and 24 rows.
    np.testing.assert_allclose(data.labels[0]["boxes"], [[12, 0, 20, 12], [0, 0, 32, 24]])
    assert data.labels[0]["labels"].tolist() == [3, 1]


def test_boxes_are_what_detection_measures_takes(tmp_path):
    from sicf import detection_measures

    pytest.importorskip("torchmetrics")
    write_pairs(tmp_path, "Ir", "Vis", "png", names=("a",))
    write_text(tmp_path / "Annotation" / "a.xml", VOC.format(THING.format("Bus", 3, 4, 10, 12)))
    labels = load_fusion_pairs(tmp_path).labels
    found = [{**labels[0], "scores": [0.9]}]
    assert detection_measures(found, labels) == {"mAP@0.5": 1.0, "AP@0.5": {3: 1.0}}


def test_no_folder_and_no_layout(tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        load_fusion_pairs(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="has those of none"):
        load_fusion_pairs(tmp_path)
    with pytest.raises(ValueError, match="layout must be one of"):
        load_fusion_pairs(tmp_path, layout="tno")
    with pytest.raises(FileNotFoundError, match="needs a folder Ir"):
        load_fusion_pairs(tmp_path, layout="m3fd")


def test_folders_of_two_layouts_are_told_apart_by_name_alone(tmp_path):
    write_pairs(tmp_path, "Ir", "Vis", "png")
    write_pairs(tmp_path, "cropinfrared", "crop_LR_visible", "jpg")
    with pytest.raises(ValueError, match="those of m3fd and roadscene"):
        load_fusion_pairs(tmp_path)


@pytest.mark.parametrize(("layout", "split", "infrared", "visible", "ending"), PLACES)
def test_a_split_is_one_of_the_sets_own(tmp_path, layout, split, infrared, visible, ending):
    write_pairs(tmp_path, infrared, visible, ending)
    wrong = "val" if split is None else None
    with pytest.raises(ValueError, match=rf"split must be one of .* Got {wrong!r}"):
        load_fusion_pairs(tmp_path, split=wrong)


def test_an_infrared_picture_without_a_visible_one_is_named(tmp_path):
    write_pairs(tmp_path, "Ir", "Vis", "png", names=("a", "b", "c"))
    for name in "bc":
        (tmp_path / "Vis" / f"{name}.png").unlink()
    with pytest.raises(ValueError, match=r"Ir/b\.png has none in .*Vis, nor have 1 more"):
        load_fusion_pairs(tmp_path)


def test_a_visible_picture_without_an_infrared_one_is_passed_over(tmp_path):
    write_pairs(tmp_path, "Ir", "Vis", "png", names=("a", "b"))
    (tmp_path / "Ir" / "b.png").unlink()
    assert load_fusion_pairs(tmp_path).names == ["a"]


def test_an_empty_folder(tmp_path):
    for place in ("Ir", "Vis"):
        (tmp_path / place).mkdir()
    with pytest.raises(ValueError, match="must hold pictures"):
        load_fusion_pairs(tmp_path)


def test_two_pictures_of_one_name(tmp_path):
    write_pairs(tmp_path, "Ir", "Vis", "png", names=("a",))
    write_pairs(tmp_path, "Ir", "Vis", "jpg", names=("a",))
    with pytest.raises(ValueError, match="Names must be unique"):
        load_fusion_pairs(tmp_path)


def test_a_pair_of_two_sizes(tmp_path):
    write_pairs(tmp_path, "Ir", "Vis", "png", names=("a",))
    write(tmp_path / "Vis" / "a.png", np.zeros((24, 30, 3), np.uint8))
    with pytest.raises(ValueError, match=r"one size.*Ir/a\.png has \(24, 32\).*\(24, 30\)"):
        load_fusion_pairs(tmp_path)


def test_a_damaged_picture_is_named(tmp_path):
    write_pairs(tmp_path, "Ir", "Vis", "png", names=("a",))
    path = tmp_path / "Vis" / "a.png"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ValueError, match=r"Vis/a\.png cannot be read as a picture"):
        load_fusion_pairs(tmp_path)


def test_sixteen_bits_are_refused(tmp_path):
    write_pairs(tmp_path, "Ir", "Vis", "png", names=("a",))
    write(tmp_path / "Ir" / "a.png", np.full(SHAPE, 3000, np.uint16))
    with pytest.raises(ValueError, match=r"Ir/a\.png cannot .* 8 bits a channel"):
        load_fusion_pairs(tmp_path)


def test_labels_of_some_alone(tmp_path):
    write_pairs(tmp_path, "Ir", "Vis", "png", names=("a", "b"))
    write_text(tmp_path / "Annotation" / "a.xml", VOC.format(""))
    with pytest.raises(ValueError, match=r"There is no .*Annotation/b\.xml"):
        load_fusion_pairs(tmp_path)


BOMB = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><annotation>&y;</annotation>'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "a DOCTYPE is not read"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><annotation/>', "a DOCTYPE is not read"),
        ("<annotation><object>", "ExpatError"),
        ("", "ExpatError"),
        (VOC.format(THING.format("Dog", 1, 2, 3, 4)), "Got 'Dog'"),
        (VOC.format(THING.format("background", 1, 2, 3, 4)), "Got 'background'"),
        (VOC.format(THING.format("Car", 1, 2, 3, "wide")), "Got 'wide'"),
        (VOC.format(THING.format("Car", 5, 2, 3, 4)), "first corner before its last"),
        (VOC.format(THING.format("Car", "nan", 2, 3, 4)), "must be finite"),
        (VOC.format("<object><name>Car</name></object>"), "a box must have xmin"),
        (VOC.format(" " * 2**20), "at most 1048576 bytes"),
    ],
)
def test_annotations_that_are_not_read(tmp_path, text, message):
    write_pairs(tmp_path, "Ir", "Vis", "png", names=("a",))
    write_text(tmp_path / "Annotation" / "a.xml", text)
    with pytest.raises(ValueError, match=rf"a\.xml cannot be read as VOC's boxes: .*{message}"):
        load_fusion_pairs(tmp_path)


@pytest.mark.parametrize(
    "line", ["0 0.5 0.5 1", "3 0.5 0.5 1 1", "person 0.5 0.5 1 1", "-1 0 0 1 1"]
)
def test_lines_that_are_no_boxes(tmp_path, line):
    write_pairs(tmp_path, "detection/ir", "detection/vi", "png", names=("a",))
    write_text(tmp_path / "detection" / "labels" / "a.txt", line)
    with pytest.raises(ValueError, match=r"a\.txt cannot be read .*a line must be"):
        load_fusion_pairs(tmp_path, split="detection")


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        (np.full(SHAPE, 9, np.uint8), "between 0 and 8. Got 9"),
        (np.zeros((10, 10), np.uint8), "as large as its picture"),
        (np.zeros((*SHAPE, 3), np.uint8), "Got the mode RGB"),
    ],
)
def test_label_pictures_that_are_not_read(tmp_path, pixels, message):
    write_pairs(tmp_path, "train/ir", "train/vi", "png", names=("a",))
    write(tmp_path / "train" / "Segmentation_labels" / "a.png", pixels)
    with pytest.raises(ValueError, match=message):
        load_fusion_pairs(tmp_path, split="train")


def test_limit_is_a_whole_number(tmp_path):
    with pytest.raises(ValueError, match="limit == 0, must be >= 1"):
        load_fusion_pairs(tmp_path, limit=0)
