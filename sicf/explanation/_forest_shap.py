"""TreeSHAP on the forest, and on which side of its thresholds a value lies."""

import warnings

import numpy as np

ROWS_AT_ONCE = 64
TOLERANCE = 1e-6


class ForestShap:
    """Exact SHAP values of a forest's probabilities.

    Parameters
    ----------
    forest : RandomForestClassifier, ExtraTreesClassifier or DecisionTreeClassifier
        Fitted.
    """

    def __init__(self, forest):
        self.forest = forest
        self._explainer = load_shap().TreeExplainer(
            forest, feature_perturbation="tree_path_dependent"
        )
        self.base_values = np.atleast_1d(self._explainer.expected_value)

    def each(self, rows, probabilities):
        """SHAP values row by row, for all columns and classes.

        Parameters
        ----------
        rows : ndarray of shape (n, d)
        probabilities : ndarray of shape (n, K)
            What the forest gives for them.

        Yields
        ------
        ndarray of shape (d, K)

        Raises
        ------
        RuntimeError
            The values do not sum to the probabilities.
        """
        # As the trees see them: a float64 next to a threshold may lie on its other side.
        rows = np.asarray(rows, np.float32).astype(float)
        for start in range(0, len(rows), ROWS_AT_ONCE):
            some = slice(start, start + ROWS_AT_ONCE)
            values = self._explainer.shap_values(rows[some], check_additivity=False)
            if values.ndim == 2:
                values = values[:, :, np.newaxis]
            self._check_sum(values, probabilities[some])
            yield from values

    def _check_sum(self, values, probabilities):
        gap = np.abs(values.sum(axis=1) + self.base_values - probabilities).max()
        if gap > TOLERANCE:
            raise RuntimeError(
                f"SHAP values must sum to the prediction within {TOLERANCE:g}. They differ by "
                f"{gap:.3g}: this version of shap does not read this version of the forest."
            )


class Thresholds:
    """Every question that the forest asks of a column, weighted by the samples that meet it.

    Parameters
    ----------
    forest : classifier
        Fitted.
    """

    def __init__(self, forest):
        trees = [tree.tree_ for tree in getattr(forest, "estimators_", [forest])]
        asks = [tree.feature >= 0 for tree in trees]
        pairs = list(zip(trees, asks, strict=True))
        self.column = np.concatenate([tree.feature[ask] for tree, ask in pairs])
        self.value = np.concatenate([tree.threshold[ask] for tree, ask in pairs])
        self.weight = np.concatenate([tree.weighted_n_node_samples[ask] for tree, ask in pairs])
        self._total = np.bincount(self.column, self.weight, minlength=forest.n_features_in_)

    def side(self, row):
        """Where each column of a row lies among its thresholds.

        Parameters
        ----------
        row : ndarray of shape (d,)

        Returns
        -------
        ndarray of shape (d,)
            1 above all of them, -1 below all, 0 between or where there are none.
        """
        row = np.asarray(row, np.float32)
        above = self.weight * (row[self.column] > self.value)
        share = np.bincount(self.column, above, minlength=row.size)
        total = self._total
        return np.divide(2 * share, total, out=np.ones(row.size), where=total > 0) - 1


def load_shap():
    try:
        # Its figures, which nobody asks for here, use what matplotlib is about to give up.
        with warnings.catch_warnings(action="ignore", category=PendingDeprecationWarning):
            import shap
    except ImportError as exc:
        raise ImportError("Explanations need shap: pip install 'sicf[explain]'.") from exc
    return shap
