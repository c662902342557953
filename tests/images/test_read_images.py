import pickle

import nibabel
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags

from sicf import HistEqualize, MaskROI, QuadrantROI, ReadImages, SIFTBoVW

N = 4


@pytest.fixture
def arrays(rng):
    """Two sequences and a mask for each of four patients, more columns than rows."""
    return [
        (
            rng.integers(0, 4000, (70, 110)).astype(np.uint16),
            rng.integers(0, 200, (70, 110)).astype(np.uint8),
            (rng.random((70, 110)) > 0.7).astype(np.uint8) * 3,
        )
        for _ in range(N)
    ]


@pytest.fixture
def files(arrays, tmp_path):
    """The same as tuples of files, in the formats that hold them."""
    rows = []
    for index, row in enumerate(arrays):
        rows.append(tuple(tmp_path / f"{index}{name}.npy" for name in ("t1", "t2", "mask")))
        for array, path in zip(row, rows[-1], strict=True):
            np.save(path, array)
    return rows


@pytest.fixture
def table(files):
    return pd.DataFrame(files, columns=["T1", "T2", "mask"])


@pytest.fixture
def expected(arrays):
    return np.stack([np.dstack([plane.astype(np.uint16) for plane in row]) for row in arrays])


def test_every_form_of_x_gives_the_same(files, table, expected, arrays):
    texts = [[str(path) for path in row] for row in files]
    objects = np.empty(N, object)
    objects[:] = files
    for X in (files, texts, np.array(texts), objects, pd.Series(files), arrays):
        read = ReadImages(mask=2).fit_transform(X)
        np.testing.assert_array_equal(read, expected)
        assert read.dtype == np.uint16
    reordered = table[["mask", "T1", "T2"]]
    shuffled = table.set_index(np.array([7, 7, 1, 0]))
    for X, mask in ((table, None), (table, "mask"), (table, -1), (reordered, None), (shuffled, 2)):
        np.testing.assert_array_equal(ReadImages(mask=mask).fit_transform(X), expected)


def test_one_sequence_has_no_channel_axis(files, arrays, table):
    expected = np.stack([row[0] for row in arrays])
    for X in ([row[0] for row in files], [row[:1] for row in files], table["T1"], table[["T1"]]):
        np.testing.assert_array_equal(ReadImages().fit_transform(X), expected)


def test_sizes_that_differ_are_a_list(files):
    np.save(files[2][0], np.zeros((40, 50), np.uint16))
    read = ReadImages().fit_transform([row[0] for row in files])
    assert [image.shape for image in read] == [(70, 110), (70, 110), (40, 50), (70, 110)]
    depths = ReadImages().fit_transform([files[0][0], files[0][1]])
    assert [image.dtype for image in depths] == [np.uint16, np.uint8]


def test_processes_give_the_same(files, expected):
    np.testing.assert_array_equal(ReadImages(mask=2, n_jobs=2).fit_transform(files), expected)


def test_first_step_of_a_pipeline(table):
    chain = make_pipeline(
        ReadImages(), MaskROI(32), HistEqualize(mask=-1), SIFTBoVW(4, mask=-1, random_state=0)
    )
    rows = chain.fit_transform(table)
    assert rows.shape == (N, 4)
    np.testing.assert_array_equal(chain.transform(table.iloc[[2]])[0], rows[2])


# --- the promises of every image step


def test_clone_pickle_and_tags(files, expected):
    reader = ReadImages(mask=2, mask_labels=[3])
    copy = clone(reader)
    assert copy.get_params() == reader.get_params()
    for other in (copy.fit(files), pickle.loads(pickle.dumps(reader.fit(files))), clone(reader)):
        np.testing.assert_array_equal(other.transform(files), expected)
    tags = get_tags(reader)
    assert not tags.requires_fit
    assert not tags.input_tags.two_d_array
    assert tags.input_tags.three_d_array


def test_set_output_leaves_images_alone(files, expected):
    reader = ReadImages(mask=2).set_output(transform="pandas")
    np.testing.assert_array_equal(reader.fit_transform(files), expected)
    names = ["a"]
    assert reader.get_feature_names_out(names) is names


def test_transform_sets_nothing(files):
    reader = ReadImages(mask=2).fit(files)
    before = pickle.dumps(reader)
    reader.transform(files[:2])
    assert pickle.dumps(reader) == before


def test_fit_remembers_the_sequences(files, table):
    reader = ReadImages().fit(table)
    assert (reader.n_sequences_in_, reader.sequence_names_in_) == (2, ["T1", "T2"])
    with pytest.raises(ValueError, match=r"columns that fit saw.*\['T1', 'T2'\]. Got \['T2'"):
        reader.transform(table[["T2", "T1", "mask"]])
    with pytest.raises(ValueError, match=r"2 sequence\(s\) that fit saw. Got 3"):
        reader.transform(files)
    assert ReadImages().fit(files).sequence_names_in_ is None


# --- missing sequences


def test_missing_sequence_is_an_error_or_the_mean_of_the_others(table, arrays):
    table = table.assign(T3=table["T2"])
    for absent in (None, np.nan, pd.NA, "", "  "):
        X = table.astype(object).copy()
        X.iloc[1, 0] = absent
        with pytest.raises(ValueError, match="Image 1: its sequence T1 is missing"):
            ReadImages().fit_transform(X)
        with pytest.warns(UserWarning, match=r"1 of 4 image\(s\) lack a sequence; 1 in all"):
            read = ReadImages(on_missing="mean_of_others").fit_transform(X)
        np.testing.assert_array_equal(read[1][..., 0], arrays[1][1])
        np.testing.assert_array_equal(read[0][..., 0], arrays[0][0])


def test_mean_of_others_by_hand(tmp_path):
    """Ranges 0 to 10 and 100 to 300: each to [0, 1], the mean to 50 to 155."""
    first, second = np.zeros((20, 20)), np.full((20, 20), 100.0)
    first[0, 0], second[0, 0], second[0, 1] = 10, 300, 200
    with pytest.warns(UserWarning, match="lack a sequence"):
        read = ReadImages(on_missing="mean_of_others").fit_transform([(first, None, second)])
    assert read[0, 0, 0, 1] == pytest.approx(155)
    assert read[0, 0, 1, 1] == pytest.approx(50 + 105 * 0.25)
    assert read[0, 5, 5, 1] == pytest.approx(50)


def test_nothing_at_all_is_an_error(table, files):
    with pytest.raises(ValueError, match="must have a sequence. Image 1 has none"):
        ReadImages(on_missing="mean_of_others").fit([files[0][0], None])
    with pytest.raises(ValueError, match="must have its mask. That of image 2 is missing"):
        ReadImages(on_missing="mean_of_others").fit(table.assign(mask=["a", "b", None, "c"]))


# --- wrong input


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        ("scan.png", TypeError, r"such as \[path\]. Got a single str"),
        ([], ValueError, r"0 sample\(s\)"),
        (7, TypeError, "X must be a list of files.*Got int"),
        ([("a", "b"), ("a",)], ValueError, "Image 1 has 1, image 0 has 2"),
        (np.zeros((3, 40)), ValueError, "2-D shape"),
        ([3.5], TypeError, "Image 0: A sequence must be the path of a file.*Got float"),
        (["nowhere.png"], FileNotFoundError, "Image 0: There is no file nowhere.png"),
        ([np.zeros(40)], ValueError, r"Image 0: An array must be a picture.*\(40,\), float64"),
        ([np.zeros((20, 20), complex)], ValueError, "Image 0: An array.*complex"),
        (["a\0b.png"], FileNotFoundError, "Image 0: There is no file"),
        (["a" * 5000], FileNotFoundError, "Image 0: There is no file"),
    ],
)
def test_wrong_x_is_named(X, error, message):
    with pytest.raises(error, match=message):
        ReadImages().fit_transform(X)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"plane": "oblique"}, ValueError, "plane must be None or one of"),
        ({"slice": "largest"}, ValueError, "slice must be None, a whole number or one of"),
        ({"slice": True}, ValueError, "slice must be None"),
        ({"slice": "largest-mask"}, ValueError, "needs a mask.*Got mask=None"),
        ({"volume": 1.5}, ValueError, "volume must be None or a whole number"),
        ({"mask": "roi"}, ValueError, r"mask must be one of the columns \(X has none\).*'roi'"),
        ({"mask": 3}, ValueError, "one of the 3 entries of an image, 0 to 2. Got 3"),
        ({"mask": 1.0}, TypeError, "mask must be None, a position or the name"),
        ({"mask_labels": 1}, ValueError, "mask_labels must be None or several whole numbers"),
        ({"window": (5,)}, ValueError, "window must be None, 'file', or a centre and a width"),
        ({"window": (5, 0)}, ValueError, "a width above 0"),
        ({"spacing": 0}, ValueError, "spacing must be None, or millimetres above 0"),
        ({"spacing": (1, 1, 1)}, ValueError, "spacing must be None"),
        ({"resample_to": "T1"}, ValueError, r"Got 'T1' for 3 sequence\(s\)"),
        ({"resample_to": 3}, ValueError, "Got 3 for 3"),
        ({"on_missing": "drop"}, ValueError, "on_missing must be one of"),
    ],
)
def test_wrong_parameter_is_named(files, parameters, error, message):
    with pytest.raises(error, match=message):
        ReadImages(**parameters).fit(files)


def test_damaged_file_is_named_with_its_image(files):
    files[2][1].write_bytes(b"")
    with pytest.raises(ValueError, match="Image 2: .*2t2.npy cannot be read as a picture"):
        ReadImages().fit_transform(files)


def test_soft_and_wide_masks(files, arrays):
    np.save(files[1][2], np.full((70, 110), 0.4))
    with pytest.raises(ValueError, match="Image 1: Labels of a mask must be whole.*holds 0.4"):
        ReadImages(mask=2).fit_transform(files)
    np.save(files[1][2], np.full((70, 110), np.inf))
    with pytest.raises(ValueError, match="Image 1: Labels of a mask must be whole.*holds inf"):
        ReadImages(mask=2).fit_transform(files)
    wide = np.full((70, 110), 300.0)
    read = ReadImages(mask=1).fit_transform([(arrays[0][1], wide)])
    assert (read.dtype, read[0, 0, 0, 1]) == (np.uint16, 300)


def test_file_of_several_channels(tmp_path, rng):
    picture = rng.random((40, 50, 3))
    np.save(tmp_path / "a.npy", picture)
    mask = np.ones((40, 50), np.uint8)
    read = ReadImages(mask=1).fit_transform([(tmp_path / "a.npy", mask)])
    np.testing.assert_array_equal(read[0, ..., :3], picture)
    with pytest.raises(ValueError, match="several channels must be the only sequence"):
        ReadImages().fit_transform([(tmp_path / "a.npy", mask)])
    with pytest.raises(ValueError, match="A mask must have one channel"):
        ReadImages(mask=0).fit_transform([(tmp_path / "a.npy", mask)])


# --- volumes


@pytest.fixture
def scans(tmp_path, rng):
    """Two co-registered volumes and their mask, whose third axial slice holds most labels."""
    shape = (30, 40, 7)
    arrays = [rng.integers(0, 4000, shape).astype(np.int16), rng.random(shape).astype(np.float32)]
    mask = np.zeros(shape, np.uint8)
    mask[5:9, 5:9, 4], mask[5:9, 5:9, 2], mask[0, 0, 6] = 1, 2, 1
    paths = [tmp_path / name for name in ("t1.nii.gz", "t2.nii", "mask.nii.gz")]
    for path, array in zip(paths, [*arrays, mask], strict=True):
        nibabel.save(nibabel.Nifti1Image(array, np.diag([-0.5, -0.75, 3, 1])), path)
    return tuple(paths), arrays, mask


def test_slice_policies(scans):
    paths, (first, second), mask = scans
    for policy, labels, index in [
        ("largest-mask", None, 2),
        ("largest-mask", {1}, 4),
        ("largest-mask", [2, 9], 2),
        ("middle", None, 3),
        (0, None, 0),
        (-1, None, 6),
    ]:
        reader = ReadImages(plane="axial", slice=policy, mask=2, mask_labels=labels)
        read = reader.fit_transform([paths])[0]
        planes = [volume[:, :, index].T for volume in (first, second, mask)]
        np.testing.assert_array_equal(read, np.dstack(planes))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, r"Image 0: A volume needs plane=.*a volume of 30 x 40 x 7 voxels \(.*t1.nii.gz\)"),
        ({"slice": 3}, "A volume needs plane="),
        ({"plane": "axial"}, "Of several slices one must be chosen by slice=.*Got 7 slices"),
        ({"plane": "axial", "slice": 7}, "slice must lie from 0 to 6.*Got 7"),
        ({"plane": "axial", "slice": -8}, "Got -8"),
        (
            {"plane": "axial", "slice": "largest-mask", "mask_labels": [5]},
            "Image 0: slice='largest-mask' needs a mask with labels that count",
        ),
        ({"plane": "axial", "slice": 0, "window": "file"}, "NIfTI gives no window"),
    ],
)
def test_volume_without_a_policy_is_an_error(scans, parameters, message):
    with pytest.raises(ValueError, match=message):
        ReadImages(mask=2, **parameters).fit_transform([scans[0]])


def test_volume_of_one_slice_needs_no_policy(tmp_path):
    slab = np.arange(30 * 40, dtype=np.int16).reshape(30, 1, 40)
    nibabel.save(nibabel.Nifti1Image(slab, np.diag([-1, -1, 1, 1])), tmp_path / "a.nii")
    read = ReadImages().fit_transform([tmp_path / "a.nii"])
    np.testing.assert_array_equal(read[0], slab[:, 0, ::-1].T)
    with pytest.raises(ValueError, match="plane must be that of a single slice.*: coronal"):
        ReadImages(plane="axial", slice=0).fit_transform([tmp_path / "a.nii"])
    with pytest.raises(ValueError, match="slice must lie from 0 to 0"):
        ReadImages(slice=3).fit_transform([tmp_path / "a.nii"])


def test_four_dimensions_need_a_volume(tmp_path, rng):
    series = rng.integers(0, 99, (20, 24, 5, 3)).astype(np.int16)
    nibabel.save(nibabel.Nifti1Image(series, np.diag([-1, -1, 1, 1])), tmp_path / "a.nii.gz")
    with pytest.raises(ValueError, match="Image 0: .*holds 3 volumes; choose one by volume="):
        ReadImages(plane="axial", slice=0).fit_transform([tmp_path / "a.nii.gz"])
    read = ReadImages(plane="axial", slice=0, volume=-1).fit_transform([tmp_path / "a.nii.gz"])
    np.testing.assert_array_equal(read[0], series[:, :, 0, 2].T)


def test_frames_need_a_slice_and_no_plane(write_dicom, tmp_path, rng):
    frames = rng.integers(0, 99, (4, 20, 30)).astype(np.uint8)
    path = write_dicom(tmp_path / "frames.dcm", frames)
    with pytest.raises(ValueError, match="Of several slices one must be chosen"):
        ReadImages().fit_transform([path])
    with pytest.raises(ValueError, match="plane= is for scans that say how they lie"):
        ReadImages(plane="axial", slice=0).fit_transform([path])
    np.testing.assert_array_equal(ReadImages(slice=1).fit_transform([path])[0], frames[1])


def test_nifti_that_does_not_say_how_it_lies_warns(tmp_path):
    image = nibabel.Nifti1Image(np.ones((20, 20, 3), np.int16), None)
    nibabel.save(image, tmp_path / "a.nii")
    with pytest.warns(UserWarning, match=r"1 NIfTI file\(s\) do not say how they lie"):
        ReadImages(plane="axial", slice=0).fit_transform([tmp_path / "a.nii"])


# --- DICOM


def test_dicom_and_nifti_of_one_scan_give_the_same_pictures(write_series, tmp_path, rng):
    """Sagittal slices, oblique by ten degrees, turned into NIfTI by SimpleITK."""
    SimpleITK = pytest.importorskip("SimpleITK")
    slices = rng.integers(0, 4000, (5, 30, 44)).astype(np.int16)
    sine, cosine = np.sin(np.deg2rad(10)), np.cos(np.deg2rad(10))
    orientation = [sine, cosine, 0.0, 0.0, 0.0, -1.0]
    normal = np.cross(orientation[:3], orientation[3:])
    positions = [[float(x) for x in 3.5 * step * normal] for step in range(5)]
    folder = write_series(
        tmp_path / "series",
        slices,
        ImageOrientationPatient=orientation,
        ImagePositionPatient=positions,
    )
    names = SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder))
    SimpleITK.WriteImage(SimpleITK.ReadImage(names), str(tmp_path / "scan.nii.gz"))
    for plane in ("sagittal", "coronal", "axial"):
        for number in (1, -2):
            reader = ReadImages(plane=plane, slice=number)
            series, nifti = reader.fit_transform([folder, tmp_path / "scan.nii.gz"])
            np.testing.assert_array_equal(series, nifti)
    both = [(folder, tmp_path / "scan.nii.gz")]
    assert ReadImages(plane="axial", slice=0).fit_transform(both).shape[3] == 2
    stored = ReadImages().fit_transform([folder / "IM0002.dcm"])[0]
    assert any((stored == plane).all() for plane in slices)
    assert any(
        (stored == ReadImages(plane="sagittal", slice=k).fit_transform([folder])[0]).all()
        for k in range(5)
    )


def test_slopes_that_differ_in_a_cohort_warn_once(write_dicom, tmp_path):
    picture = np.ones((20, 30), np.uint16)
    paths = [
        write_dicom(tmp_path / f"{slope}.dcm", picture, RescaleSlope=slope, RescaleIntercept=0)
        for slope in (2, 3, 2.5)
    ]
    message = r"sequence 0 are rescaled in 3 different ways \(slopes 2 to 3\)"
    with pytest.warns(UserWarning, match=message) as caught:
        read = ReadImages().fit(paths).transform(paths)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert read[:, 0, 0].tolist() == [2, 3, 2.5]
    plain = write_dicom(tmp_path / "plain.dcm", picture)
    ReadImages().fit_transform([plain, plain])
    with pytest.warns(UserWarning, match="in 2 different ways"):
        ReadImages().fit_transform([plain, paths[0]])


def test_series_that_skip_slices_are_counted(write_series, tmp_path):
    volume = np.ones((5, 20, 30), np.uint16)
    folders = [
        write_series(tmp_path / "a", volume, [0, 3, 9, 12, 20]),
        write_series(tmp_path / "b", volume),
        write_series(tmp_path / "c", volume, [0, 3, 6, 9, 15]),
    ]
    message = r"2 series skip slices, or repeat some, in 3 place\(s\).*a is one"
    with pytest.warns(UserWarning, match=message) as caught:
        ReadImages(plane="axial", slice=0).fit_transform(folders)
    assert len(caught) == 1


def test_series_in_the_order_of_instance_numbers_warns(write_series, tmp_path):
    folder = write_series(tmp_path / "a", np.ones((3, 20, 30), np.uint16), [None] * 3)
    with pytest.warns(UserWarning, match="1 series do not say where their slices lie"):
        ReadImages(slice="middle").fit_transform([folder])


@pytest.mark.real_data
def test_real_mosaic_warns(data_folder):
    with pytest.warns(UserWarning, match=r"1 picture\(s\) are mosaics.*0.dcm is one"):
        read = ReadImages().fit_transform([data_folder / "dicom" / "0.dcm"])
    assert read.shape == (1, 256, 256)


# --- grids


def test_grids_that_differ_are_an_error_or_resampled(scans, tmp_path):
    paths, (first, _), mask = scans
    coarse = mask[::2, ::2]
    affine = np.diag([-1.0, -1.5, 3, 1])
    # The centres of coarse voxels lie on those of every second fine one.
    nibabel.save(nibabel.Nifti1Image(coarse, affine), tmp_path / "coarse.nii")
    row = (paths[0], tmp_path / "coarse.nii")
    reader = ReadImages(plane="axial", slice=2, mask=1)
    message = (
        r"Image 0: .*must lie on one grid; resample_to= .*coarse.nii is a volume of 15 x 20 x 7"
    )
    with pytest.raises(ValueError, match=message):
        reader.fit_transform([row])
    read = reader.set_params(resample_to="first").fit_transform([row])[0]
    np.testing.assert_array_equal(read[..., 0], first[:, :, 2].T)
    np.testing.assert_array_equal(read[::2, ::2, 1], coarse[:, :, 2].T)
    assert set(np.unique(read[..., 1])) == {0, 2}


def test_shift_is_told_in_millimetres(scans, tmp_path):
    paths, (first, _), _ = scans
    affine = np.diag([-0.5, -0.75, 3, 1])
    affine[:3, 3] = [3, 4, 0]
    nibabel.save(nibabel.Nifti1Image(first, affine), tmp_path / "moved.nii")
    with pytest.raises(ValueError, match="moved.nii lies up to 5 mm away from .*t1.nii.gz"):
        ReadImages(plane="axial", slice=2).fit_transform([(paths[0], tmp_path / "moved.nii")])
    affine[:3, 3] = [0.04, 0, 0]
    nibabel.save(nibabel.Nifti1Image(first, affine), tmp_path / "moved.nii")
    read = ReadImages(plane="axial", slice=2).fit_transform([(paths[0], tmp_path / "moved.nii")])
    np.testing.assert_array_equal(read[..., 0], read[..., 1])


def test_missing_target_of_resampling(scans):
    paths, _, _ = scans
    reader = ReadImages(plane="axial", slice=2, resample_to=0, on_missing="mean_of_others")
    with pytest.raises(ValueError, match="Image 0: its sequence 0 is missing, and resample_to="):
        reader.fit_transform([(None, paths[1])])
    with pytest.warns(UserWarning, match="lack a sequence"):
        reader.set_params(resample_to="first").fit_transform([(None, paths[1])])


def test_spacing_resizes_to_millimetres(scans):
    paths, _, _ = scans
    reader = ReadImages(plane="axial", slice=2, mask=2, spacing=(1.5, 0.5))
    read = reader.fit_transform([paths])[0]
    assert read.shape == (20, 30, 3)
    assert set(np.unique(read[..., 2])) == {0, 2}
    assert ReadImages(plane="axial", slice=2, spacing=1).fit_transform([paths]).shape[1:3] == (
        30,
        15,
    )
    with pytest.raises(ValueError, match="Image 0: spacing= needs files that give a pixel size"):
        ReadImages(spacing=1).fit_transform([np.zeros((20, 20))])
    with pytest.raises(ValueError, match="must not make a side longer than 16384 pixels"):
        ReadImages(plane="axial", slice=2, spacing=1e-4).fit_transform([paths])


def test_window_by_hand(scans):
    paths, (first, _), _ = scans
    read = ReadImages(plane="axial", slice=2, window=(2000, 1000)).fit_transform([paths[0]])
    by_hand = np.rint(np.clip((first[:, :, 2].T - 1500) / 1000, 0, 1) * 255)
    np.testing.assert_array_equal(read[0], by_hand)
    assert read.dtype == np.uint8


# --- digests


def test_digest_is_of_content_alone(files, table, tmp_path):
    reader = ReadImages(mask=2)
    digests = reader.digest_samples(files)
    assert len(set(digests)) == N
    assert {len(digest) for digest in digests} == {32}
    moved = []
    for row in files:
        moved.append(tuple(path.rename(path.with_name(f"x{path.name}")) for path in row))
    assert reader.digest_samples(moved) == digests
    assert reader.digest_samples(pd.DataFrame(moved, columns=["a", "b", "c"])) == digests
    swapped = [(b, a, c) for a, b, c in moved]
    assert not set(reader.digest_samples(swapped)) & set(digests)
    missing = reader.digest_samples([(moved[0][0], None, moved[0][2])])
    other = reader.digest_samples([(None, moved[0][0], moved[0][2])])
    assert len({*missing, *other, digests[0]}) == 3
    assert ReadImages().digest_samples(moved) != digests
    with pytest.raises(FileNotFoundError, match="Image 1: There is no file"):
        reader.digest_samples([moved[0], files[1]])


def test_digest_of_images_in_memory(scans):
    paths, (first, _), _ = scans
    images = [nibabel.load(path) for path in paths[:2]]
    reader = ReadImages()
    digests = reader.digest_samples(images)
    again = reader.digest_samples([nibabel.Nifti1Image(first, images[0].affine)])
    assert digests[0] == again[0] != digests[1]
    moved = images[0].affine.copy()
    moved[0, 3] += 1
    assert reader.digest_samples([nibabel.Nifti1Image(first, moved)])[0] != digests[0]
    array = first[:, :, 0]
    assert reader.digest_samples([array]) == reader.digest_samples([np.asfortranarray(array)])
    assert reader.digest_samples([array]) != reader.digest_samples([array.astype(np.int32)])


# --- real files


@pytest.mark.real_data
def test_real_co_registered_sequences(data_folder):
    folder = data_folder / "sct_nifti" / "mt"
    row = [folder / f"{name}.nii.gz" for name in ("mt0", "mt1", "t1w", "mt1_seg")]
    reader = ReadImages(plane="axial", slice="largest-mask", mask=3)
    read = reader.fit_transform([row])[0]
    assert read.shape == (40, 40, 4)
    volumes = [np.asarray(nibabel.load(path).dataobj) for path in row]
    counts = (volumes[3] > 0).sum(axis=(0, 1))
    assert (read[..., 3] > 0).sum() == counts.max()
    for channel, volume in enumerate(volumes):
        # These files are stored left, anterior, superior.
        slice_ = volume[:, ::-1, int(np.argmax(counts))].T
        np.testing.assert_allclose(read[..., channel], slice_, rtol=1e-6)
    assert QuadrantROI(size=20, mask=3).fit_transform(read[None]).shape == (1, 20, 20, 4)


@pytest.mark.real_data
def test_real_masks_lie_on_their_scans(data_folder):
    brain = data_folder / "brain_tumor_progression"
    pairs = [
        (brain / patient / f"{when}_Scan_T1.nii.gz", brain / patient / f"{when}_Mask.nii.gz")
        for patient in ("01", "02")
        for when in ("Pre", "Post")
    ]
    read = ReadImages(plane="axial", slice="largest-mask", mask=1).fit_transform(pairs)
    assert read.shape == (4, 256, 256, 2)
    assert (read[..., 1].max(axis=(1, 2)) > 0).all()


@pytest.mark.real_data
def test_real_colour_masks_keep_their_labels_apart(data_folder):
    folder = data_folder / "spider_mini36"
    images = sorted((folder / "images").glob("*.png"))[:5]
    pairs = [(path, folder / "masks" / path.name) for path in images]
    read = ReadImages(mask=1).fit_transform(pairs)
    from PIL import Image

    for image, (_, mask) in zip(read, pairs, strict=True):
        with Image.open(mask) as picture:
            n_colours = len(picture.convert("RGB").getcolors())
        assert len(np.unique(image[..., 1])) == n_colours
