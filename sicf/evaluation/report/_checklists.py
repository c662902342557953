"""Reporting checklists, filled where software can fill them."""

import json
from importlib.resources import files

from sicf.evaluation.report._html import Section, element, join, table

LISTS = ("tripod_ai.json", "claim_2024.json")


def load_checklists():
    """The lists, with paraphrases of their items.

    Returns
    -------
    list of dict
        With `name`, `doi`, `source` and `items`, of which each has `item` (its number), `part`,
        `text` and, where software can say something, `fact`, and `authors`, what is left to them.
    """
    folder = files("sicf.evaluation.report")
    return [json.loads((folder / name).read_text(encoding="utf-8")) for name in LISTS]


def item_names():
    """What notes on items are called, such as ``"TRIPOD+AI 3a"``."""
    return [
        f"{each['name']} {item['item']}" for each in load_checklists() for item in each["items"]
    ]


def checklists_sections(facts, notes):
    """One section for each list.

    Parameters
    ----------
    facts : dict of str to Markup or None
    notes : dict of str to str
        What the authors say, by the name of the item.

    Returns
    -------
    list of Section
    """
    return [_section(each, facts, notes) for each in load_checklists()]


def _section(checklist, facts, notes):
    name = checklist["name"]
    answers = [
        _answer(item, facts, notes.get(f"{name} {item['item']}")) for item in checklist["items"]
    ]
    filled = sum(status == "filled" for status, _ in answers)
    partly = sum(status == "in part" for status, _ in answers)
    address = f"https://doi.org/{checklist['doi']}"
    told = join(
        [
            f"{checklist['source']}, ",
            element("a", f"doi {checklist['doi']}", href=address),
            ". Items in our own words; the source is what counts. Filled: "
            f"{filled}, in part: {partly}, for the authors: {len(answers) - filled - partly}.",
        ]
    )
    rows = [
        [item["item"], item["part"], item["text"], answer]
        for item, (_, answer) in zip(checklist["items"], answers, strict=True)
    ]
    whole = table(["item", "part", "asks for", "answer"], rows, long=(1, 2, 3))
    body = join([element("p", told), element("div", whole, class_="checklist")])
    return Section(name.lower().replace("+", "-").replace(" ", "-"), f"Checklist {name}", body)


def _answer(item, facts, note):
    """The status of an item, and its answer."""
    fact = facts[item["fact"]] if "fact" in item else None
    said = [part for part in (fact, note) if part]
    if note or (fact and "authors" not in item):
        return "filled", join(said, between=" ")
    if not fact:
        return "open", element("span", "For the authors.", class_="open")
    rest = element("span", f"For the authors: {item['authors']}.", class_="open")
    return "in part", join([fact, rest], between=" ")
