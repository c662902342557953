"""Every public name says what it is, and its Parameters are those of its signature."""

import dataclasses
import inspect
from operator import attrgetter

import pytest
from numpydoc.docscrape import get_doc_object
from numpydoc.validate import validate

import sicf

# Of numpydoc's codes those that a reader would miss. What a word such as `self` or `X` means is
# said once, in the class, so a description of each parameter (PR07) is not among them.
WRONG = {
    "GL03": "blank lines in a row",
    "GL05": "tabs",
    "GL06": "a section with an unknown name",
    "GL07": "sections in another order",
    "GL08": "no docstring",
    "PR01": "a parameter that is not documented",
    "PR02": "a documented parameter that does not exist",
    "PR03": "parameters in another order",
    "PR10": "no space before the colon of a type",
    "RT01": "no Returns section",
    "RT02": "a name where a type belongs",
    "SS01": "no summary",
    "SS03": "a summary without a full stop",
    "SS04": "spaces before the summary",
    "SS06": "a summary of several lines",
    "YD01": "no Yields section",
}


def public_names():
    """Dotted names: what `sicf` and its rooms list, and the public methods that are ours."""
    rooms = [name for name in sicf.__all__ if inspect.ismodule(getattr(sicf, name))]
    places = {"sicf": sicf, **{f"sicf.{name}": getattr(sicf, name) for name in rooms}}
    seen = {}
    for place, module in places.items():
        for name in module.__all__:
            thing = getattr(module, name)
            if not inspect.ismodule(thing):
                seen.setdefault(id(thing), (f"{place}.{name}", thing))
    for dotted, thing in seen.values():
        yield dotted
        if inspect.isclass(thing):
            yield from (f"{dotted}.{name}" for name in dir(thing) if is_ours(thing, name))


def is_ours(thing, name):
    """Whether a public method or property was written here, and not by scikit-learn."""
    member = inspect.getattr_static(thing, name)
    member = getattr(member, "fget", None) or getattr(member, "func", None) or member
    member = getattr(member, "__func__", member)
    if name.startswith("_") or not callable(member):
        return False
    return (getattr(inspect.unwrap(member), "__module__", None) or "").startswith("sicf")


@pytest.mark.parametrize("name", sorted(public_names()))
def test_docstring_says_what_the_signature_says(name):
    errors = [error for error in validate(name)["errors"] if error[0] in WRONG]
    thing = attrgetter(name.removeprefix("sicf."))(sicf)
    if fields := fields_of(thing):
        errors = [error for error in errors if error[0] != "PR01"] + undocumented(thing, fields)
    assert errors == []


def fields_of(thing):
    if dataclasses.is_dataclass(thing):
        return [field.name for field in dataclasses.fields(thing)]
    return getattr(thing, "_fields", None)


def undocumented(record, fields):
    """A record is made by us and read by its user: its fields may stand under Attributes."""
    doc = get_doc_object(record)
    listed = {
        word
        for section in ("Parameters", "Attributes")
        for entry in doc[section]
        for word in entry.name.split(", ")
    }
    return [("PR01", name) for name in fields if name not in listed]


def test_the_names_are_really_found():
    names = set(public_names())
    assert {"sicf.SICF", "sicf.evaluate", "sicf.Evaluation.plot_roc", "sicf.SIFTBoVW.fit"} <= names
    assert {"sicf.Evaluation.n_patients", "sicf.Evaluation.load"} <= names
    assert "sicf.SIFTBoVW.set_params" not in names


def badly_documented(known, new):
    """Add.

    Parameters
    ----------
    known : int
    """
    return known + new


def test_a_parameter_that_is_not_documented_is_found():
    codes = {code for code, _ in validate(f"{__name__}.badly_documented")["errors"]}
    assert {"PR01", "RT01"} <= codes & set(WRONG)
