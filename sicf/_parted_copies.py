"""Inner splits that groups do not reach, and that so part the variants of one picture."""

import warnings

from sklearn.utils.metadata_routing import MetadataRequest, get_routing_for_object


def warn_of_parted_copies(estimator):
    """Warn of inner splits that groups do not reach, and so neither the sources of variants.

    Parameters
    ----------
    estimator : estimator
        Its parts are looked at as well.
    """
    parts = {"": estimator} | estimator.get_params(deep=True)
    for path, part in parts.items():
        if hasattr(part, "get_params") and not isinstance(part, type) and _parts_copies(part):
            warnings.warn(
                f"{type(part).__name__} splits by cv={part.cv!r}, which knows of no groups: "
                "variants of one picture can stand on both sides of its splits. Give it a splitter "
                f"such as StratifiedGroupKFold{f' ({path}__cv)' if path else ''}.",
                stacklevel=4,
            )


def _parts_copies(part):
    """Whether an estimator has a cv that ignores groups, and does not see to them by itself."""
    if "cv" not in part.get_params(deep=False) or part.cv == "prefit":
        return False
    if hasattr(part.cv, "split"):
        return not get_routing_for_object(part.cv).consumes("split", ["groups"])
    own = get_routing_for_object(part)
    return not (isinstance(own, MetadataRequest) and own.consumes("fit", ["groups"]))
