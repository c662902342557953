"""A random forest compiled for one question: what does it say of the rows it has not seen?

Columns are binned once (`_bins`), trees are grown on codes (`_kernel`), and `CompiledForest` gives
a fold's probabilities as `RandomForestClassifier` would, several times faster. A tree is never
stored: test rows travel down while it grows, and branches where none arrives are not grown.
"""

from sicf.selection.forest._compiled_forest import CompiledForest, unsupported

__all__ = ["CompiledForest", "unsupported"]
