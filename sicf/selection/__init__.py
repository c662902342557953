"""Selection: the Lyrebird search, over columns and over parameters, and the fitness of a subset."""

from sicf.selection._lyrebird_minimize import lyrebird_minimize
from sicf.selection._lyrebird_search_cv import LyrebirdSearchCV
from sicf.selection._lyrebird_selector import LyrebirdSelector

__all__ = ["LyrebirdSearchCV", "LyrebirdSelector", "lyrebird_minimize"]
