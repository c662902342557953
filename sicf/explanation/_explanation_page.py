"""One HTML page of a cohort's explanations, with every picture in it."""

import base64
from html import escape
from pathlib import Path

import cv2
import numpy as np

from sicf.explanation._explanation_figure import (
    AGAINST,
    FOR,
    FRAME,
    check_titles,
    grey,
    headline,
    opacity,
    relative,
    window,
)

SIDE = 240
STYLE = f"""
:root {{ color-scheme: light dark }}
body {{ font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 1180px;
  padding: 0 1rem }}
h1 {{ font-size: 1.4rem; margin-bottom: .3rem }}
p {{ max-width: 46rem }}
.cards {{ display: grid; gap: 1.2rem }}
.card {{ border: 1px solid #8884; border-radius: 8px; padding: .8rem 1rem }}
.card h2 {{ font-size: 1.05rem; margin: 0 0 .5rem }}
.card h2 span {{ font-weight: normal; opacity: .75 }}
.row {{ display: flex; flex-wrap: wrap; gap: .8rem; align-items: flex-start }}
figure {{ margin: 0 }}
figcaption {{ font-size: .8rem; opacity: .75 }}
img {{ display: block; border-radius: 4px; height: 190px }}
table {{ border-collapse: collapse; font-size: .85rem; min-width: 320px; flex: 1 }}
td {{ padding: 2px 6px; white-space: nowrap }}
td.value {{ text-align: right; font-variant-numeric: tabular-nums }}
td.bar {{ width: 60%; min-width: 150px }}
.bar div {{ position: relative; height: 12px; background: #8882 }}
.bar i {{ position: absolute; top: 0; bottom: 0; min-width: 1px }}
.for {{ background: {FOR} }} .against {{ background: {AGAINST} }} .whole {{ background: #888 }}
.note {{ font-size: .85rem; opacity: .8 }}
"""
INTRODUCTION = (
    "Orange speaks for the class named above the pictures, blue against it. The bars lead from "
    "the base value, the probability before anything is known of the image, to its probability. "
    "A map shows what this model used, not what is there. Research software: no output is a "
    "diagnosis."
)


def write_page(explanation, path, channel=0, titles=None):
    """Write the page.

    Parameters
    ----------
    explanation : Explanation
    path : path-like
    channel : int
        The sequence under the maps.
    titles : sequence of str or None

    Returns
    -------
    Path
    """
    titles = check_titles(titles, explanation) or [f"image {k}" for k in range(len(explanation))]
    cards = [_card(image, title, channel) for image, title in zip(explanation, titles, strict=True)]
    notes = "".join(f"<p class=note>{escape(note)}</p>" for note in explanation.notes)
    page = (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Explanations</title>"
        '<meta name=viewport content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style><h1>Why {len(explanation)} image(s) got their answers</h1>"
        f"<p>{INTRODUCTION}</p>{notes}<div class=cards>{''.join(cards)}</div></html>"
    )
    path = Path(path)
    path.write_text(page, encoding="utf-8")
    return path


def _card(image, title, channel):
    plane = grey(image, channel)
    pictures = [(image.sequence_names[channel], _with_box(plane, image.box))]
    if len(image.maps) != 1:
        pictures.append(("all evidence", _with_heat(plane, image.heat_map(), image.box)))
    for name, maps in image.maps.items():
        pictures.append((name, _with_heat(plane, maps.sum(axis=0), image.box)))
    if image.occlusion is not None:
        pictures.append(("occlusion", _with_heat(plane, image.occlusion, image.box)))
    figures = "".join(
        f'<figure><img alt="{escape(name)}" src="{_inline(picture)}">'
        f"<figcaption>{escape(name)}</figcaption></figure>"
        for name, picture in pictures
    )
    head = f"<h2>{escape(headline(image))} <span>{escape(title)}</span></h2>"
    return f"<section class=card>{head}<div class=row>{figures}{_bars(image)}</div></section>"


def _bars(image):
    """The contributions as a table, each row with its piece of the way to the probability."""
    rows = [_bar("base value", f"{image.base_value:.3f}", 0, image.base_value, "whole")]
    place = image.base_value
    for name, step in image.contributions.items():
        kind = "for" if step >= 0 else "against"
        rows.append(_bar(name, f"{step:+.3f}", min(place, place + step), abs(step), kind))
        place += step
    rows.append(_bar("probability", f"{image.probability:.3f}", 0, image.probability, "whole"))
    return f"<table>{''.join(rows)}</table>"


def _bar(name, value, left, width, kind):
    return (
        f"<tr><td>{escape(str(name))}</td><td class=value>{value}</td><td class=bar><div>"
        f'<i class={kind} style="left:{left:.2%};width:{width:.2%}"></i></div></td></tr>'
    )


def _with_box(plane, box):
    scale = _scale(plane)
    picture = np.repeat(255 * _enlarged(plane)[:, :, np.newaxis], 3, axis=2)
    top, left, bottom, right = (round(float(place * scale)) for place in box)
    cv2.rectangle(picture, (left, top), (right - 1, bottom - 1), _bgr(FRAME).tolist(), 2)
    return picture


def _with_heat(plane, values, box):
    shown = window(box, plane.shape)
    strength = _enlarged(relative(values[shown]))[..., np.newaxis]
    picture = 255 * _enlarged(plane[shown])[..., np.newaxis]
    covered = opacity(strength)
    return (1 - covered) * picture + covered * np.where(strength > 0, _bgr(FOR), _bgr(AGAINST))


def _enlarged(plane):
    size = [round(side * _scale(plane)) for side in plane.shape]
    return cv2.resize(plane.astype(np.float32), size[::-1], interpolation=cv2.INTER_LINEAR)


def _scale(plane):
    """Small crops are enlarged, so that browsers need not; nothing is made smaller."""
    return max(1.0, SIDE / max(plane.shape))


def _bgr(color):
    """OpenCV has blue first."""
    return np.array([int(color[k : k + 2], 16) for k in (5, 3, 1)])


def _inline(picture):
    """As JPEG: a tenth of the bytes that a noisy slice has as PNG."""
    pixels = np.rint(picture).astype(np.uint8)
    data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 88])[1]
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()
