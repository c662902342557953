import importlib.util
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from sicf import load_images
from sicf.datasets._list_table import MISSING
from sicf.images.files._open_scan import open_scan


def read_image(path):
    return open_scan(path).pixels


@pytest.fixture
def grey():
    """A picture of 70 rows and 110 columns, all levels different along each."""
    rows, columns = np.mgrid[:70, :110]
    return (rows + columns).astype(np.uint8)


def write(path, picture):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)
    return path


@pytest.fixture
def folder(tmp_path, grey):
    for name in ("glioma/p1/a.png", "glioma/p1/b.png", "glioma/c.png", "meningioma/p2/a.png"):
        write(tmp_path / name, Image.fromarray(grey))
    (tmp_path / "glioma" / ".DS_Store").write_bytes(b"junk")
    (tmp_path / "meningioma" / "Thumbs.db").write_bytes(b"junk")
    return tmp_path


def test_folder_of_classes_with_patients(folder, grey):
    data = load_images(folder)
    assert data.images.shape == (4, 70, 110)
    np.testing.assert_array_equal(data.images[0], grey)
    assert data.target_names == ["glioma", "meningioma"]
    assert data.target.tolist() == [0, 0, 0, 1]
    assert data.groups.tolist() == ["glioma/c.png", "p1", "p1", "p2"]
    assert [name[-9:] for name in data.filenames[:2]] == ["oma/c.png", "/p1/a.png"]


def test_patient_from_the_files_name(tmp_path, grey):
    for name in ("a/x7_1.png", "a/x7_2.png", "b/x8_1.png"):
        write(tmp_path / name, Image.fromarray(grey))
    assert load_images(tmp_path, group_pattern=r"(x\d+)_").groups.tolist() == ["x7", "x7", "x8"]
    with pytest.raises(ValueError, match="finds none in 'x7_1.png'"):
        load_images(tmp_path, group_pattern=r"(y\d+)_")


@pytest.mark.parametrize("separator", [",", "\t"])
def test_table_with_paths_relative_to_itself(folder, separator):
    table = pd.DataFrame(
        {
            "file": ["glioma/c.png", "meningioma/p2/a.png"],
            "label": ["x", "y"],
            "patient": ["031", "31"],
        }
    )
    path = folder / ("table.csv" if separator == "," else "table.tsv")
    table.to_csv(path, sep=separator, index=False)
    data = load_images(path)
    assert (data.target.tolist(), data.groups.tolist()) == ([0, 1], ["031", "31"])
    table["file"] = [str(folder / name) for name in table["file"]]
    renamed = table.rename(columns={"file": "where", "label": "what", "patient": "who"})
    columns = {"path_column": "where", "label_column": "what", "group_column": "who"}
    np.testing.assert_array_equal(load_images(renamed, **columns).images, data.images)


def test_patient_with_two_classes_is_one_patient(tmp_path, grey):
    for name in ("normal/p1/a.png", "tumour/p1/a.png", "tumour/p2/a.png"):
        write(tmp_path / name, Image.fromarray(grey))
    with pytest.warns(UserWarning, match=r"1 patient\(s\) occur in several classes, 'p1'"):
        data = load_images(tmp_path)
    assert (data.target.tolist(), data.groups.tolist()) == ([0, 1, 1], ["p1", "p1", "p2"])


def test_hidden_folders_are_passed_over_and_linked_ones_followed(folder, tmp_path_factory, grey):
    write(folder / "glioma/p1/.thumbnails/a.png", Image.fromarray(grey))
    write(folder / ".cache/a.png", Image.fromarray(grey))
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    write(elsewhere / "a.png", Image.fromarray(grey))
    (folder / "meningioma" / "p3").symlink_to(elsewhere)
    data = load_images(folder)
    assert data.groups.tolist() == ["glioma/c.png", "p1", "p1", "p2", "p3"]
    (folder / "meningioma" / "round").symlink_to(folder / "meningioma")
    with pytest.raises(ValueError, match="A link leads round in a circle"):
        load_images(folder)


def test_cells_of_a_table_are_text_as_written(folder):
    """none, 007 and 1e3 are names; a cell of blanks is missing."""
    rows = ["file, label, group", "glioma/c.png, none, 1e3", "meningioma/p2/a.png, 007, 1000"]
    path = folder / "table.csv"
    path.write_text("\ufeff" + "\n".join(rows), encoding="utf-8")
    data = load_images(path)
    assert (data.target_names, data.groups.tolist()) == (["007", "none"], ["1e3", "1000"])
    path.write_text("\n".join([*rows, "glioma/c.png,  , 7"]))
    with pytest.raises(ValueError, match="Column 'label' must hold a value.*Row 2 has none"):
        load_images(path)


def test_every_mode_becomes_the_same_grey(tmp_path, grey):
    picture = Image.fromarray(grey)
    palette = Image.fromarray(grey).convert("P")
    palette.info["transparency"] = bytes(range(256))
    modes = {
        "L": picture,
        "LA": picture.convert("LA"),
        "RGB": picture.convert("RGB"),
        "RGBA": picture.convert("RGBA"),
        "P": palette,
    }
    for name, written in modes.items():
        path = write(tmp_path / f"{name}.png", written)
        read = read_image(path)
        assert (read.shape, read.dtype) == ((70, 110), np.uint8), name
        np.testing.assert_array_equal(read, grey, err_msg=name)


def test_depth_is_kept(tmp_path, grey):
    deep = grey.astype(np.uint16) * 300
    path = write(tmp_path / "deep.png", Image.fromarray(deep))
    np.testing.assert_array_equal(read_image(path), deep)
    assert read_image(path).dtype == np.uint16
    path = write(tmp_path / "float.tiff", Image.fromarray(grey.astype(np.float32) / 7))
    np.testing.assert_array_equal(read_image(path), grey.astype(np.float32) / 7)
    np.save(tmp_path / "two.npy", np.dstack([deep, deep]))
    assert read_image(tmp_path / "two.npy").shape == (70, 110, 2)


def test_colour_of_16_bits_is_refused(tmp_path, grey):
    path = str(tmp_path / "deep.png")
    cv2.imwrite(path, np.dstack([grey.astype(np.uint16) * 300] * 3))
    with pytest.raises(ValueError, match="deep.png cannot be read.*colour of 16 bits"):
        read_image(path)


def test_depths_that_differ_are_not_mixed(tmp_path, grey):
    write(tmp_path / "a/p1/1.png", Image.fromarray(grey))
    write(tmp_path / "b/p2/1.png", Image.fromarray(grey.astype(np.uint16) * 300))
    assert [image.dtype for image in load_images(tmp_path).images] == [np.uint8, np.uint16]


def test_sizes_that_differ_are_a_list_or_resized(tmp_path, grey):
    write(tmp_path / "a/p1/1.png", Image.fromarray(grey))
    write(tmp_path / "b/p2/1.png", Image.fromarray(grey[:40]))
    assert [image.shape for image in load_images(tmp_path).images] == [(70, 110), (40, 110)]
    assert load_images(tmp_path, image_size=32).images.shape == (2, 32, 32)
    resized = load_images(tmp_path, image_size=(35, 55)).images[0]
    np.testing.assert_allclose(resized, grey.reshape(35, 2, 55, 2).mean(axis=(1, 3)), atol=1)


def _damage(folder, kind):
    path = folder / "glioma/c.png"
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "cut off":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif kind == "renamed text":
        path.write_text("this is no picture")
    elif kind == "frames":
        path.unlink()
        path = path.with_suffix(".tiff")
        frames = [Image.new("L", (20, 20)) for _ in range(3)]
        frames[0].save(path, save_all=True, append_images=frames[1:])
    elif kind == "pickle":
        path.unlink()
        path = path.with_suffix(".npy")
        np.save(path, np.array([{}]), allow_pickle=True)
    elif kind == "dicom":
        path = path.rename(path.with_suffix(".dcm"))
    elif kind == "dicom without a suffix":
        path = path.rename(path.with_name("1.2.840.1"))
        path.write_bytes(bytes(128) + b"DICM" + bytes(20))
    elif kind == "other":
        path = path.rename(path.with_suffix(".gif"))
    return path


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("empty", "cannot be read as a picture"),
        ("cut off", "cannot be read as a picture"),
        ("renamed text", "cannot be read as a picture"),
        ("frames", "must hold one frame. Got 3"),
        ("pickle", "cannot be read as a picture"),
        ("dicom", "c.dcm cannot be read as DICOM: it lacks the mark of a DICOM file"),
        ("dicom without a suffix", "cannot be read as DICOM"),
        ("other", "A file must be DICOM, or end in one of"),
    ],
)
def test_damaged_file_is_named(folder, kind, message):
    path = _damage(folder, kind)
    with pytest.raises(ValueError, match=message) as caught:
        load_images(folder)
    assert path.name in str(caught.value)


def test_cut_off_jpeg_is_an_error_and_not_half_a_picture(tmp_path, grey):
    path = write(tmp_path / "cut.jpg", Image.fromarray(grey))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ValueError, match="cut.jpg cannot be read"):
        read_image(path)


def test_missing_things_are_named(folder, tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder or table.*nowhere"):
        load_images(tmp_path / "nowhere")
    table = pd.DataFrame({"path": ["gone.png", "lost.png"], "label": ["a", "b"], "group": [1, 2]})
    with pytest.raises(FileNotFoundError, match="no file gone.png"):
        load_images(table)
    with pytest.raises(
        ValueError, match=r"columns \['path', 'label', 'group'\]. Got 'who' instead"
    ):
        load_images(table, group_column="who")
    with pytest.raises(ValueError, match="none is among"):
        load_images(table.rename(columns={"label": "l"}))
    with pytest.raises(ValueError, match="Row 1 has none"):
        load_images(table.assign(label=["a", None]))
    with pytest.raises(ValueError, match=r"at least 2 classes. Got \['a'\]"):
        load_images(table.assign(label="a"))
    with pytest.raises(ValueError, match="one sub-folder for each class"):
        load_images(folder / "glioma" / "p1")


def test_options_that_cannot_apply_are_named(folder):
    table = pd.DataFrame({"path": [3, 4], "label": ["a", "b"]})
    with pytest.raises(TypeError, match="Paths must be text. Row 0 has 3"):
        load_images(table)
    with pytest.raises(ValueError, match=r"group_pattern is for folders. Got '\(x\)'"):
        load_images(table, group_pattern="(x)")
    with pytest.raises(ValueError, match="label_column is for tables. Got 'label'"):
        load_images(folder, label_column="label")
    with pytest.raises(ValueError, match="must hold a parenthesis"):
        load_images(folder, group_pattern="x")
    with pytest.raises(ValueError, match="no regular expression"):
        load_images(folder, group_pattern="(x")
    for size in (2.5, True, (3, 4, 5), 0):
        with pytest.raises(ValueError, match="image_size must be a number of pixels"):
            load_images(folder, image_size=size)


def test_pictures_that_would_be_left_out_are_named(folder, grey):
    (folder / "notes.txt").write_text("not a picture, and beside the classes: passed over")
    load_images(folder)
    write(folder / "stray.png", Image.fromarray(grey))
    with pytest.raises(ValueError, match="'stray.png' lies beside the classes"):
        load_images(folder)
    (folder / "stray.png").unlink()
    (folder / "empty").mkdir()
    with pytest.raises(ValueError, match="must hold pictures.*empty holds none"):
        load_images(folder)


@pytest.fixture
def table(folder):
    """One picture of each class, with paths that hold wherever the table lies."""
    paths = [str(folder / name) for name in ("glioma/c.png", "meningioma/p2/a.png")]
    return pd.DataFrame({"path": paths, "label": ["a", "b"], "group": ["p1", "p2"]})


@pytest.mark.parametrize(
    "names",
    [
        ("path", "label", "PatientID"),
        ("Path", "Label", "Patient"),
        ("File Name", "CLASS", "patient-group"),
        (" image ", "Diagnosis ", " Patient ID"),
    ],
)
def test_usual_columns_are_known_however_they_are_written(table, tmp_path, names):
    renamed = table.set_axis(names, axis="columns")
    renamed.to_csv(tmp_path / "t.csv", index=False)
    for source in (renamed, tmp_path / "t.csv"):
        data = load_images(source)
        assert (data.target_names, data.groups.tolist()) == (["a", "b"], ["p1", "p2"])


def test_chosen_column_goes_before_the_usual_ones(table):
    data = load_images(table.assign(Scanner=["s", "s"]), group_column="Scanner")
    assert data.groups.tolist() == ["s", "s"]
    assert load_images(table.rename(columns={"group": 0}), group_column=0).groups[0] == "p1"


def test_table_without_patients_warns(table):
    unknown = table.rename(columns={"group": "who"})
    message = r"each picture counts as its own patient.*group_column=.*'who'"
    with pytest.warns(UserWarning, match=message) as caught:
        data = load_images(unknown)
    assert data.groups.tolist() == [0, 1]
    assert [warning.filename for warning in caught] == [__file__]
    assert load_images(unknown, group_column="who").groups.tolist() == ["p1", "p2"]


def test_folder_without_patients_warns_once(tmp_path, grey):
    for name in ("a/x1_1.png", "a/x1_2.png", "b/x2_1.png"):
        write(tmp_path / name, Image.fromarray(grey))
    with pytest.warns(UserWarning, match="No folder names the patients.*group_pattern=") as caught:
        data = load_images(tmp_path)
    assert [warning.filename for warning in caught] == [__file__]
    assert data.groups.tolist() == ["a/x1_1.png", "a/x1_2.png", "b/x2_1.png"]


@pytest.mark.parametrize("word", sorted(MISSING) + ["", " NA "])
def test_word_for_a_missing_label_is_no_class(table, tmp_path, word):
    """The words are those of pandas."""
    table.assign(label=word.strip()).to_csv(tmp_path / "t.csv", index=False)
    assert pd.read_csv(tmp_path / "t.csv")["label"].isna().all()
    spoilt = pd.concat([table, table.assign(label=["a", word])], ignore_index=True)
    spoilt.to_csv(tmp_path / "t.csv", index=False)
    for source in (spoilt, tmp_path / "t.csv"):
        with pytest.raises(ValueError, match="Column 'label' must hold a value.*Row 3 has"):
            load_images(source)


def test_missing_label_is_shown_as_it_stands(table):
    with pytest.raises(ValueError, match="Row 0 has 'NA', which stands for none, and 1 more. A cl"):
        load_images(table.assign(label=["NA", "nan"]))


def test_patient_called_na_is_a_patient_with_a_warning(table):
    with pytest.warns(UserWarning, match=r"2 picture\(s\) have a word .* 'NA' among them"):
        data = load_images(table.assign(group="NA"))
    assert data.groups.tolist() == ["NA", "NA"]


def test_blanks_round_cells_make_no_difference(table, tmp_path):
    spaced = table.assign(**{name: table[name] + "  " for name in table})
    both = pd.concat([table, spaced], ignore_index=True)
    both.to_csv(tmp_path / "t.csv", index=False)
    for source in (both, tmp_path / "t.csv"):
        data = load_images(source)
        assert (data.target_names, data.target.tolist()) == (["a", "b"], [0, 1, 0, 1])
        assert data.groups.tolist() == ["p1", "p2", "p1", "p2"]
        assert data.filenames[:2] == data.filenames[2:]


@pytest.mark.parametrize("names", [("path", "label", "label"), ("path", "label", "Label ")])
def test_two_columns_of_one_name_are_refused(table, tmp_path, names):
    twice = table.set_axis(names, axis="columns")
    twice.to_csv(tmp_path / "t.csv", index=False)
    for source in (twice, tmp_path / "t.csv"):
        with pytest.raises(
            ValueError, match=r"one column for label_column. Got \['label', '.abel'\]"
        ):
            load_images(source)


@pytest.mark.parametrize("source", [["a.png", "b.png"], {}, None, 3, b"folder", np.zeros((2, 2))])
def test_source_of_another_type_is_refused(source):
    message = f"must be the path of a folder.*DataFrame.*Got {type(source).__name__} instead"
    with pytest.raises(TypeError, match=message):
        load_images(source)


@pytest.mark.parametrize("name", ["t.csv", "t.tsv"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separator_is_that_of_the_header(table, tmp_path, name, separator):
    table = table.assign(label=["a, b; c", "d"]).rename(columns={"group": "patient"})
    table[["label", "patient", "path"]].to_csv(tmp_path / name, sep=separator, index=False)
    data = load_images(tmp_path / name)
    assert (data.target_names, data.groups.tolist()) == (["a, b; c", "d"], ["p1", "p2"])


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le"])
def test_table_in_another_encoding_is_refused(table, tmp_path, encoding):
    path = tmp_path / "t.csv"
    table.assign(label=["a", "métastase"]).to_csv(path, index=False, encoding=encoding)
    with pytest.raises(ValueError, match="save it as UTF-8.*Got .*t.csv"):
        load_images(path)
    table.assign(label=["a", "métastase"]).to_csv(path, index=False, encoding="utf-8-sig")
    assert load_images(path).target_names == ["a", "métastase"]


@pytest.mark.skipif(os.sep == "\\", reason="there it parts folders")
def test_path_of_windows_is_explained(table):
    with pytest.raises(FileNotFoundError, match="no file glioma.*write '/' instead"):
        load_images(table.assign(path="glioma\\c.png"))
    with pytest.raises(FileNotFoundError, match="no folder or table.*write '/' instead"):
        load_images("data\\t.csv")


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_demo_passes_the_columns_on(monkeypatch):
    """What make would run is read by the demo's own parser."""
    root = Path(__file__).parents[2]
    chosen = ["DATA=my t.csv", "FILE=the scan", "LABEL=the class", "GROUP=Patient ID"]
    command = ["make", "--no-print-directory", "-n", "demo", *chosen]
    shown = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    words = shlex.split(shown.splitlines()[-1])
    spec = importlib.util.spec_from_file_location("demo", root / "examples" / "demo.py")
    demo = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(demo)
    monkeypatch.setattr("sys.argv", words[words.index("examples/demo.py") :])
    options = demo.parse_options()
    assert (options.data, options.path) == (Path("my t.csv"), "the scan")
    assert (options.label, options.group) == ("the class", "Patient ID")


@pytest.mark.real_data
def test_real_table(data_folder):
    data = load_images(data_folder / "cheng360" / "metadata.csv")
    assert data.images.shape == (360, 512, 512)
    assert np.bincount(data.target).tolist() == [120, 120, 120]
    assert len(np.unique(data.groups)) == 72


@pytest.mark.real_data
def test_real_colour_pictures(data_folder):
    for path in sorted((data_folder / "spider_mini36" / "images").glob("*.png"))[:3]:
        picture = read_image(path)
        with Image.open(path) as header:
            assert picture.shape == header.size[::-1]


def test_verbose_shows_a_bar(folder, capsys):
    quiet = load_images(folder)
    assert capsys.readouterr().err == ""
    shown = load_images(folder, verbose=1)
    assert f"Reading:   0%|          | 0/{len(shown.images)}" in capsys.readouterr().err
    np.testing.assert_array_equal(shown.images, quiet.images)
