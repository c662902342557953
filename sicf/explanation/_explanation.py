"""Why the images of a cohort got their answers."""

from collections.abc import Sequence

import numpy as np

from sicf.explanation._image_explanation import ImageExplanation


class Explanation(Sequence):
    """Why the images of a cohort got their answers; from :func:`explain`.

    A sequence of :class:`ImageExplanation`: ``explanation[3].plot()``.

    Parameters
    ----------
    images : list of ImageExplanation
    notes : list of str
        What holds for all of them, such as a part of which no column was selected.

    See Also
    --------
    explain : Makes it.
    """

    def __init__(self, images, notes=()):
        self._images = list(images)
        self.notes = list(notes)

    def __len__(self):
        return len(self._images)

    def __getitem__(self, index) -> ImageExplanation:
        return self._images[index]

    def __repr__(self):
        return f"Explanation({len(self)} images, parts: {', '.join(self.contributions.columns)})"

    @property
    def classes(self):
        """Classes of the forest, of shape (K,)."""
        return self[0].classes

    @property
    def probabilities(self):
        """Of all classes, of shape (n, K)."""
        return np.stack([image.probabilities for image in self])

    @property
    def target(self):
        """The class that is explained, of shape (n,)."""
        return np.array([image.target for image in self])

    @property
    def contributions(self):
        """What each part added to each image's probability: a DataFrame of n rows."""
        import pandas as pd

        return pd.DataFrame([image.contributions for image in self]).reset_index(drop=True)

    def to_frame(self):
        """One row an image: target, its probability, the base value, and what each part added.

        Returns
        -------
        DataFrame
        """
        frame = self.contributions
        frame.insert(0, "base value", [image.base_value for image in self])
        frame.insert(0, "probability", [image.probability for image in self])
        frame.insert(0, "target", self.target)
        return frame

    def plot(self, index=0, *, channel=0, title=None):
        """Draw one image's explanation.

        Parameters
        ----------
        index : int, default=0
        channel : int, default=0
            The sequence under the maps.
        title : str, default=None

        Returns
        -------
        matplotlib Figure
        """
        return self[index].plot(channel=channel, title=title)

    def plot_gallery(self, *, channel=0, titles=None, n_columns=6):
        """Draw the heat maps of a cohort side by side.

        Parameters
        ----------
        channel : int, default=0
            The sequence under the maps.
        titles : sequence of str, default=None
            None names the class and its probability.
        n_columns : int, default=6

        Returns
        -------
        matplotlib Figure
        """
        from sicf.explanation._explanation_figure import draw_gallery

        return draw_gallery(self, channel, titles, n_columns)

    def to_html(self, path, *, channel=0, titles=None):
        """Write one page, which needs no other file and no network: a card for each image.

        Parameters
        ----------
        path : path-like
        channel : int, default=0
            The sequence under the maps.
        titles : sequence of str, default=None
            One for each image, such as its patient. None numbers them.

        Returns
        -------
        Path
        """
        from sicf.explanation._explanation_page import write_page

        return write_page(self, path, channel, titles)
