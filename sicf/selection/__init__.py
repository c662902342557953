"""Selection of columns: the Lyrebird search, the fitness of a subset, the estimator."""

from sicf.selection._lyrebird_minimize import lyrebird_minimize
from sicf.selection._lyrebird_selector import LyrebirdSelector

__all__ = ["LyrebirdSelector", "lyrebird_minimize"]
