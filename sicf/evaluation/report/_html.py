"""Small pieces of HTML; whatever text goes in comes out escaped."""

from html import escape
from typing import NamedTuple


class Markup(str):
    """Text that is HTML already, and is not escaped again."""

    __slots__ = ()


BREAK = Markup("<br>")


class Section(NamedTuple):
    """One section of the page.

    Parameters
    ----------
    anchor : str
        By which links find it.
    heading : str
    body : Markup
    """

    anchor: str
    heading: str
    body: Markup


def text(value):
    """Escape a value, unless it is markup.

    Parameters
    ----------
    value : object

    Returns
    -------
    Markup
    """
    return value if isinstance(value, Markup) else Markup(escape(str(value)))


def element(tag, *parts, **attributes):
    """An element with its parts inside.

    Parameters
    ----------
    tag : str
    *parts : object
    **attributes : str
        ``class_`` is the attribute `class`.

    Returns
    -------
    Markup
    """
    said = "".join(f' {name.rstrip("_")}="{escape(value)}"' for name, value in attributes.items())
    return Markup(f"<{tag}{said}>{join(parts)}</{tag}>")


def join(parts, between=""):
    """Parts one after the other, as one piece of markup."""
    return Markup(between.join(text(part) for part in parts))


def link(anchor, words):
    """A link to a section of the page."""
    return element("a", words, href=f"#{anchor}")


def items(parts, **attributes):
    """A list of points."""
    return element("ul", *[element("li", part) for part in parts], **attributes)


def table(header, rows, caption=None, long=()):
    """A table that scrolls sideways where the page is narrow.

    Parameters
    ----------
    header : sequence
    rows : iterable of sequence
        The first cell of each is its header.
    caption : str, default=None
    long : collection of int, default=()
        Numbers of the columns whose text may be broken.

    Returns
    -------
    Markup
    """
    head = element("tr", *[element("th", cell, scope="col") for cell in header])
    body = []
    for first, *others in rows:
        cells = [
            element("td", cell, class_="long" if number in long else "number")
            for number, cell in enumerate(others, 1)
        ]
        body.append(element("tr", element("th", first, scope="row"), *cells))
    told = [element("caption", caption)] if caption else []
    whole = element("table", *told, element("thead", head), element("tbody", *body))
    return element("div", whole, class_="wide", tabindex="0")
