"""What every transformer shares whose output has no columns: images, or ragged rows."""

from sklearn.base import TransformerMixin


class WithoutColumns(TransformerMixin):
    """A transformer whose output is no table, and stays what it is whatever container is asked for.

    Without this, ``set_output(transform="pandas")`` on a pipeline would raise at such a step.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(auto_wrap_output_keys=None, **kwargs)

    def set_output(self, *, transform=None):
        """Do nothing: the output is no table, whatever container is asked for.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"} or None

        Returns
        -------
        self
        """
        return self

    def get_feature_names_out(self, input_features=None):
        """Hand on what came in: there are no columns to name.

        Parameters
        ----------
        input_features : array-like of str or None

        Returns
        -------
        array-like of str or None
        """
        return input_features
