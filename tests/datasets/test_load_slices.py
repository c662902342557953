import nibabel
import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GroupKFold

from sicf import load_images, load_slices

AFFINE = np.diag([-0.5, -0.75, 3, 1])


@pytest.fixture
def table(tmp_path, rng):
    """Four scans of three patients, two sequences and a mask each, as files beside the table."""
    rows = []
    for index, patient in enumerate(["p1", "p2", "p3", "p3"]):
        arrays = {
            "t1": rng.integers(0, 4000, (20, 30, 6)).astype(np.int16),
            "t2": rng.integers(0, 4000, (20, 30, 6)).astype(np.int16),
            "mask": np.zeros((20, 30, 6), np.uint8),
        }
        arrays["mask"][4:9, 4:9, index : index + 3] = 1 + index % 2
        for name, array in arrays.items():
            nibabel.save(nibabel.Nifti1Image(array, AFFINE), tmp_path / f"{index}{name}.nii.gz")
        paths = {name: f"{index}{name}.nii.gz" for name in arrays}
        rows.append({**paths, "label": "ab"[index % 2], "patient": patient})
    table = pd.DataFrame(rows)
    table.to_csv(tmp_path / "table.csv", index=False)
    return table


def voxels(folder, name):
    return np.asarray(nibabel.load(folder / name).dataobj)


def test_all_slices_with_the_patient_as_group(table, tmp_path):
    data = load_slices(
        tmp_path / "table.csv", plane="axial", sequence_columns=["t1", "t2"], mask_column="mask"
    )
    assert data.images.shape == (24, 30, 20, 3)
    assert data.groups.tolist() == ["p1"] * 6 + ["p2"] * 6 + ["p3"] * 12
    assert data.slice_indices.tolist() == list(range(6)) * 4
    assert data.rows.tolist() == np.repeat(range(4), 6).tolist()
    assert data.target.tolist() == ([0] * 6 + [1] * 6) * 2
    assert (data.target_names, data.left_out) == (["a", "b"], [])
    assert data.filenames[7] == str(tmp_path / "1t1.nii.gz")
    for channel, name in enumerate(("t1", "t2", "mask")):
        expected = voxels(tmp_path, f"2{name}.nii.gz")[:, :, 5].T
        np.testing.assert_array_equal(data.images[17, ..., channel], expected)
    for train, test in GroupKFold(3).split(data.images, data.target, data.groups):
        assert not set(data.rows[train]) & set(data.rows[test])


def test_slices_of_the_mask(table, tmp_path):
    options = {"plane": "axial", "slices": "mask", "sequence_columns": "t1"}
    data = load_slices(tmp_path / "table.csv", **options)
    assert data.slice_indices.tolist() == [0, 1, 2, 1, 2, 3, 2, 3, 4, 3, 4, 5]
    assert (data.images[..., 1].max(axis=(1, 2)) > 0).all()
    one = load_slices(tmp_path / "table.csv", step=3, **options)
    assert one.slice_indices.tolist() == [1, 2, 3, 4]
    with pytest.raises(ValueError, match="Image 0: A mask must hold a label that counts. .*0mask"):
        load_slices(tmp_path / "table.csv", mask_labels=[2], **options)
    with pytest.raises(ValueError, match="slices='mask' needs a column of masks"):
        load_slices(table.drop(columns="mask"), **options)


def test_step_takes_the_middle_of_each_run(table, tmp_path):
    options = {"plane": "axial", "sequence_columns": "t1"}
    for step, taken in ((2, [1, 3, 5]), (4, [2]), (6, [3]), (50, [5])):
        data = load_slices(tmp_path / "table.csv", step=step, **options)
        assert data.slice_indices[data.rows == 0].tolist() == taken


def test_planes_of_other_sizes(table, tmp_path):
    data = load_slices(tmp_path / "table.csv", plane="sagittal", sequence_columns="t1")
    assert data.images.shape == (80, 6, 30, 2)
    expected = voxels(tmp_path, "0t1.nii.gz")[7, :, ::-1].T
    np.testing.assert_array_equal(data.images[7, ..., 0], expected)


def test_data_frame_with_images_in_memory_and_a_missing_sequence(table, tmp_path):
    table = table.astype(object)
    for name in ("t1", "t2", "mask"):
        table[name] = [nibabel.load(tmp_path / file) for file in table[name]]
    table.loc[1, "t2"] = None
    options = {"plane": "axial", "sequence_columns": ["t1", "t2"]}
    with pytest.raises(ValueError, match="Image 1: its sequence t2 is missing"):
        load_slices(table, **options)
    with pytest.warns(UserWarning, match=r"1 of 4 image\(s\) lack a sequence") as caught:
        data = load_slices(table, on_missing="mean_of_others", **options)
    assert [warning.filename for warning in caught] == [__file__]
    np.testing.assert_array_equal(data.images[8, ..., 1], data.images[8, ..., 0])
    assert data.filenames[0] == "a Nifti1Image in memory"


def test_what_cannot_be_read_is_left_out_and_listed(table, tmp_path):
    (tmp_path / "2t1.nii.gz").write_bytes(b"no NIfTI")
    (tmp_path / "1mask.nii.gz").unlink()
    options = {"plane": "axial", "sequence_columns": "t1"}
    with pytest.raises(FileNotFoundError, match="Image 1: There is no file .*1mask.nii.gz"):
        load_slices(tmp_path / "table.csv", **options)
    with pytest.warns(UserWarning, match="2 of 4 could not be read and were left out") as caught:
        data = load_slices(tmp_path / "table.csv", on_error="warn", **options)
    assert [warning.filename for warning in caught] == [__file__]
    assert data.groups.tolist() == ["p1"] * 6 + ["p3"] * 6
    assert data.target_names == ["a", "b"]
    assert [name for name, _ in data.left_out] == [str(tmp_path / f"{k}t1.nii.gz") for k in (1, 2)]
    assert "no file" in data.left_out[0][1]
    assert "2t1.nii.gz cannot be read as NIfTI" in data.left_out[1][1]


def test_nothing_left_is_an_error(table, tmp_path):
    for path in tmp_path.glob("*t1.nii.gz"):
        path.write_bytes(b"")
    with pytest.raises(ValueError, match="Of 4 none could be read. The first, .*0t1.nii.gz: Image"):
        load_slices(tmp_path / "table.csv", plane="axial", sequence_columns="t1", on_error="warn")


def test_missing_library_is_no_fault_of_a_file(table, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "nibabel", None)
    with pytest.raises(ImportError, match=r"Image 0: .*pip install 'sicf\[nifti\]'"):
        load_slices(tmp_path / "table.csv", plane="axial", sequence_columns="t1", on_error="warn")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"slices": 3}, "slices must be one of .*sicf.ReadImages takes one slice"),
        ({"step": 0}, "step must be a whole number from 1. Got 0"),
        ({"on_error": "ignore"}, "on_error must be one of"),
        ({"sequence_columns": []}, "sequence_columns must name different columns"),
        ({"sequence_columns": ["t1", "t1"]}, "sequence_columns must name different columns"),
        ({"sequence_columns": "t9"}, "sequence_columns must be one of the table's columns"),
        ({"mask_column": "roi"}, "mask_column must be one of the table's columns"),
        ({"plane": "up"}, "plane must be None or one of"),
        ({"plane": None}, "Image 0: A volume needs plane="),
    ],
)
def test_wrong_parameter_is_named(table, tmp_path, options, message):
    options = {"plane": "axial", "sequence_columns": "t1", **options}
    with pytest.raises(ValueError, match=message):
        load_slices(tmp_path / "table.csv", **options)


def test_folder_is_no_table(tmp_path):
    with pytest.raises(ValueError, match="Volumes are listed in a table.*Got the folder"):
        load_slices(tmp_path, plane="axial")


def test_load_images_points_volumes_here(table, tmp_path):
    table["path"] = table["t1"]
    table.to_csv(tmp_path / "table.csv", index=False)
    with pytest.raises(ValueError, match="must be a single slice. Got a volume.*load_slices"):
        load_images(tmp_path / "table.csv")


def test_load_images_reads_nifti_of_one_slice(tmp_path, rng):
    slices = rng.integers(0, 99, (2, 20, 30)).astype(np.int16)
    for name, pixels in zip("ab", slices, strict=True):
        (tmp_path / name / "p").mkdir(parents=True)
        image = nibabel.Nifti1Image(pixels.T[:, :, None], AFFINE)
        nibabel.save(image, tmp_path / name / "p" / "scan.nii")
    with pytest.warns(UserWarning, match="occur in several classes"):
        data = load_images(tmp_path)
    np.testing.assert_array_equal(data.images, slices)


def test_load_images_leaves_out_what_cannot_be_read(tmp_path):
    for name in ("a/p1/1", "a/p1/2", "b/p2/1"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        np.save(tmp_path / f"{name}.npy", np.ones((20, 30)))
    (tmp_path / "a/p1/2.npy").write_bytes(b"")
    (tmp_path / "b/p2/report.doc").write_text("no picture")
    with pytest.warns(UserWarning, match="2 of 4 could not be read.*first: .*2.npy") as caught:
        data = load_images(tmp_path, on_error="warn")
    assert [warning.filename for warning in caught] == [__file__]
    assert data.images.shape == (2, 20, 30)
    assert (data.groups.tolist(), data.target.tolist()) == (["p1", "p2"], [0, 1])
    assert [name for name, _ in data.left_out] == [
        str(tmp_path / "a/p1/2.npy"),
        str(tmp_path / "b/p2/report.doc"),
    ]
    (tmp_path / "b/p2/1.npy").unlink()
    with (
        pytest.warns(UserWarning, match="were left out"),
        pytest.raises(ValueError, match=r"at least 2 classes. Got \['a'\]"),
    ):
        load_images(tmp_path, on_error="warn")


@pytest.mark.real_data
def test_real_volumes(data_folder):
    folder = data_folder / "brain_tumor_progression"
    table = pd.DataFrame(
        [
            {
                "image": folder / patient / f"{when}_Scan_T1.nii.gz",
                "mask": folder / patient / f"{when}_Mask.nii.gz",
                "label": when,
                "patient": patient,
            }
            for patient in ("01", "02")
            for when in ("Pre", "Post")
        ]
    )
    data = load_slices(table, plane="axial", slices="mask")
    masks = [np.asarray(nibabel.load(path).dataobj) for path in table["mask"]]
    assert len(data.images) == sum(int((mask > 0).any(axis=(0, 1)).sum()) for mask in masks)
    assert set(data.groups) == {"01", "02"}
