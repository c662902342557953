"""Selection: the Lyrebird search, over columns and over parameters, and the fitness of a subset."""

from sicf.selection._boruta_selector import BorutaSelector
from sicf.selection._diagonal_nca import DiagonalNCA
from sicf.selection._lyrebird_minimize import lyrebird_minimize
from sicf.selection._lyrebird_search_cv import LyrebirdSearchCV
from sicf.selection._lyrebird_selector import LyrebirdSelector
from sicf.selection._random_columns import RandomColumns
from sicf.selection._relieff import ReliefF

__all__ = [
    "BorutaSelector",
    "DiagonalNCA",
    "LyrebirdSearchCV",
    "LyrebirdSelector",
    "RandomColumns",
    "ReliefF",
    "lyrebird_minimize",
]
