"""A figure as SVG inside the page, in the page's own colours."""

import re
from html import escape
from io import StringIO

from sicf._drawing import load_pyplot
from sicf.evaluation.figures._axes import COLORS
from sicf.evaluation.report._html import Markup

# The page's style sheet gives each colour a value for a light and for a dark page. Black is ink.
PAGE_COLORS = {color.lower(): f"var(--c{n})" for n, color in enumerate(COLORS[:6])} | {
    "#000000": "currentColor"
}
NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
START = re.compile(r'<svg [^>]*viewBox="([^"]+)"[^>]*>')
STYLE_SHEET = re.compile(r"<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")
GROUP_NAME = re.compile(r'(?<=<g) id="[^"]*"')
REFERENCE = re.compile(r'(?<= id=")|(?<=href="#)|(?<=url\(#)')
FONT = re.compile(r" ?font-family: [^;\"]*;?")
COLOR = re.compile("|".join(PAGE_COLORS))


def draw_svg(draw, size, label, prefix):
    """Draw on new axes and give the picture as markup.

    Parameters
    ----------
    draw : callable
        Takes `ax`.
    size : tuple of float
        Width and height in inches.
    label : str
        What people hear who cannot see it.
    prefix : str
        Of the names inside the picture, which must be unlike those of other pictures.

    Returns
    -------
    Markup
    """
    pyplot = load_pyplot()
    from matplotlib.figure import Figure

    text = StringIO()
    # The user's own style, dark perhaps, is not the page's; a hash salt makes runs alike.
    settings = {"svg.fonttype": "none", "svg.hashsalt": prefix}
    with pyplot.style.context("default"), pyplot.rc_context(settings):
        figure = Figure(figsize=size, layout="constrained")
        draw(ax=figure.add_subplot())
        figure.savefig(text, format="svg", transparent=True, metadata=NO_METADATA)
    return _for_page(text.getvalue(), label, prefix)


def _for_page(svg, label, prefix):
    """Without the prolog and the style sheet, which would rule over the whole page."""
    start = START.search(svg)
    body = STYLE_SHEET.sub("", svg[start.end() :])
    # Only tags are changed, never the words between them: a class may be called #000000.
    body = TAG.sub(lambda tag: _tag_for_page(tag[0], prefix), body)
    head = f'<svg xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{start[1]}" role="img"'
    return Markup(f'{head} aria-label="{escape(label)}">{body}')


def _tag_for_page(tag, prefix):
    tag = FONT.sub("", GROUP_NAME.sub("", tag))
    return COLOR.sub(lambda found: PAGE_COLORS[found[0]], REFERENCE.sub(f"{prefix}-", tag))
