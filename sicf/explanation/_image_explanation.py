"""Why one image got its answer."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class ImageExplanation:
    """Why one image got its answer; what :class:`Explanation` holds for each image.

    Parameters
    ----------
    image : ndarray of shape (H, W, S)
        The original picture, a mask left out.
    sequence_names : list of str of length S
    classes : ndarray of shape (K,)
    probabilities : ndarray of shape (K,)
    target : object
        The class that is explained.
    base_value : float
        Its probability before anything is known of the image: the mean over the forest's roots.
    contributions : Series of float
        What each part, or each sequence of it, added to the base value; they sum to the
        probability of `target`.
    box : ndarray of float of shape (4,)
        First row, first column, end row, end column of what the parts see, ends excluded.
    maps : dict of str to ndarray of float32 of shape (S, H, W)
        Evidence of each part that has a map, by sequence (one for a network's "rgb"). Above 0
        speaks for `target`, below 0 against it.
    unplaced : dict of str to float
        Evidence of visual words that are not in the image, and so have no place.
    occlusion : ndarray of float32 of shape (H, W) or None
        What the probability loses where the picture is blurred.
    notes : list of str
        What is missing here, and why.
    """

    image: np.ndarray
    sequence_names: list
    classes: np.ndarray
    probabilities: np.ndarray
    target: object
    base_value: float
    contributions: object
    box: np.ndarray
    maps: dict
    unplaced: dict
    occlusion: np.ndarray | None = None
    notes: list = field(default_factory=list)

    @property
    def probability(self):
        """Probability of `target`."""
        return float(self.probabilities[self.classes == self.target][0])

    def heat_map(self, parts=None):
        """Evidence of several parts and all sequences in one map.

        Parameters
        ----------
        parts : sequence of str, default=None
            None is all that have a map.

        Returns
        -------
        ndarray of float32 of shape (H, W)
            Above 0 speaks for `target`, below 0 against it. All zero where no part has a map.

        Raises
        ------
        ValueError
            A part has no map.
        """
        names = list(self.maps) if parts is None else list(parts)
        heat = np.zeros(self.image.shape[:2], np.float32)
        for name in names:
            if name not in self.maps:
                raise ValueError(f"parts must have a map: {list(self.maps)}. Got {name!r} instead.")
            heat += self.maps[name].sum(axis=0)
        return heat

    def peak(self, parts=None):
        """Row and column of the pixel that speaks most for `target`.

        Parameters
        ----------
        parts : sequence of str, default=None
            As in `heat_map`.

        Returns
        -------
        tuple of (int, int)
        """
        heat = self.heat_map(parts)
        return tuple(int(place) for place in np.unravel_index(heat.argmax(), heat.shape))

    def plot(self, *, channel=0, title=None):
        """Draw picture and box, the heat maps over it, and what each part added.

        Parameters
        ----------
        channel : int, default=0
            The sequence under the maps.
        title : str, default=None

        Returns
        -------
        matplotlib Figure
        """
        from sicf.explanation._explanation_figure import draw_image

        return draw_image(self, channel, title)
