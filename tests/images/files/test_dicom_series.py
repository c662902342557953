import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sicf.images.files._dicom_frames import Frame
from sicf.images.files._dicom_series import arrange

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def frame_at(place, instance, orientation=AXIAL):
    normal = np.cross(orientation[:3], orientation[3:])
    position = tuple((place * normal + [5, 6, 7]).tolist())
    return Frame(position, orientation, spacing=(0.5, 0.75), instance=instance)


@given(
    st.permutations(range(6)),
    st.floats(0.1, 20),
    st.floats(-500, 500),
    st.sampled_from([AXIAL, (0.0, 1.0, 0.0, 0.0, 0.0, -1.0), (0.6, 0.8, 0.0, 0.0, 0.0, -1.0)]),
)
def test_order_is_that_of_places_whatever_the_files(order, step, start, orientation):
    """Two volumes of three slices, shuffled: the first at each place is the first volume's."""
    frames = [frame_at(start + step * (index % 3), index, orientation) for index in range(6)]
    arranged = arrange([frames[index] for index in order], one_file=False)
    volumes = [[order[place] for place in volume] for volume in arranged.volumes]
    assert volumes == [[0, 1, 2], [3, 4, 5]]
    assert arranged.remarks == {}
    last = arranged.affine @ [0, 0, 2, 1]
    np.testing.assert_allclose(last[:3], frames[2].position, atol=1e-6)


@pytest.mark.parametrize(
    ("places", "gaps"),
    [
        ([0, 3, 6], {}),
        ([0, 3, 9], {"gaps": 1}),
        ([0, 3, 6.1], {}),
        ([5], {}),
        ([0, 1, 4, 5, 9], {"gaps": 2}),
    ],
)
def test_gaps_are_counted(places, gaps):
    frames = [frame_at(place, index) for index, place in enumerate(places)]
    assert arrange(frames, one_file=False).remarks == gaps


def test_columns_run_along_the_first_direction():
    affine = arrange([frame_at(0, 1), frame_at(4, 2)], one_file=False).affine
    np.testing.assert_allclose(
        affine, [[0.75, 0, 0, 5], [0, 0.5, 0, 6], [0, 0, 4, 7], [0, 0, 0, 1]]
    )


def test_thickness_stands_for_the_step_of_a_single_slice():
    frame = Frame((0, 0, 0), AXIAL, (1, 1), thickness=5.0)
    assert arrange([frame], one_file=True).affine[2, 2] == 5
