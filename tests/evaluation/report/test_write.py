import re
import stat
from html.parser import HTMLParser

import numpy as np
import pytest

from sicf.evaluation.report import write_report
from sicf.evaluation.report._checklists import load_checklists
from sicf.evaluation.report._html import Markup, Section

VOID = {"meta", "br", "img"}
SECTIONS = (
    "question",
    "cohort",
    "folds",
    "results",
    "comparisons",
    "figures",
    "worst-cases",
    "choices",
    "provenance",
    "limits",
    "tripod-ai",
    "claim-2024",
)


class Page(HTMLParser):
    """What a page holds; it fails where a tag is closed that was not open."""

    def __init__(self, path):
        super().__init__()
        self.open, self.tags, self.ids, self.attributes, self.words = [], [], [], [], []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        self.text = " ".join(" ".join(self.words).split())
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.handle_startendtag(tag, attributes)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        self.ids += [value for name, value in attributes if name == "id"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    def values(self, *names):
        return [value for name, value in self.attributes if name in names]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    def write(evaluation, **options):
        path = tmp_path_factory.mktemp("report") / "page.html"
        write_report(evaluation, path, **options)
        return Page(path)

    return write


@pytest.fixture(scope="module")
def usual(make_evaluation, page):
    return page(make_evaluation(), title="Tumours of the cord")


@pytest.fixture
def one(make_evaluation):
    return make_evaluation(names=("forest",))


@pytest.fixture
def no_figures(monkeypatch):
    """Leave the figures out of tests that are about something else: they take the time."""
    section = Section("figures", "Figures", Markup())
    monkeypatch.setattr("sicf.evaluation.report._write.figures_section", lambda evaluation: section)


def test_page_has_every_section_and_figure(usual):
    found = usual
    assert "Tumours of the cord" in found.text
    for anchor in SECTIONS:
        assert anchor in found.ids
    # Two forest plots, and five figures of each estimator.
    assert found.tags.count("svg") == 2 + 2 * 5
    assert len(set(found.ids)) == len(found.ids)
    assert "Research software; no output is a diagnosis." in found.text


def test_links_inside_the_page_lead_somewhere(usual):
    found = usual
    targets = {value[1:] for value in found.values("href", "xlink:href") if value[0] == "#"}
    assert targets <= set(found.ids)
    used = re.findall(r"url\(#([^)]+)\)", " ".join(v for _, v in found.attributes if v))
    assert used
    assert set(used) <= set(found.ids)


def test_nothing_is_loaded_from_outside(one, page):
    found = page(one, images=np.zeros((60, 20, 20), dtype=np.uint8))
    assert all(value.startswith("data:image/png;base64,") for value in found.values("src"))
    assert {"script", "link", "iframe", "object", "embed"}.isdisjoint(found.tags)
    outside = [value for value in found.values("href", "xlink:href") if value[0] != "#"]
    assert all(value.startswith("https://doi.org/") for value in outside)
    policy = next(value for value in found.values("content") if value.startswith("default-src"))
    assert policy.startswith("default-src 'none';")


@pytest.mark.usefixtures("no_figures")
def test_style_sheet_imports_nothing(one, tmp_path):
    write_report(one, tmp_path / "page.html")
    style = re.findall(r"<style>(.*?)</style>", (tmp_path / "page.html").read_text(), re.DOTALL)
    assert len(style) == 1
    assert "@import" not in style[0]
    assert "url(" not in style[0]


def test_every_item_of_both_lists_is_there(usual):
    text = usual.text
    for checklist in load_checklists():
        for item in checklist["items"]:
            assert f"{item['item']} {item['part']} {item['text']}" in text


def test_markup_in_names_is_shown_and_not_obeyed(make_evaluation, page):
    wicked = '<script>alert("1")</script>'
    evaluation = make_evaluation(
        classes=(wicked, "b & c"),
        names=(wicked, "svm"),
        sites=np.repeat(wicked, 60),
        groups=np.repeat([f"{wicked}{n}" for n in range(30)], 2),
        versions={wicked: wicked},
        started=wicked,
    )
    evaluation.chosen = {wicked: [{wicked: wicked}] * 3, "svm": []}
    evaluation.about = {wicked: [{wicked: wicked}] * 3, "svm": []}
    found = page(evaluation, title=wicked, notes={"question": wicked, "TRIPOD+AI 17": wicked})
    assert "script" not in found.tags
    assert wicked in found.text


def test_one_estimator_and_two_classes(make_evaluation, page):
    found = page(make_evaluation(("benign", "malignant"), ("forest",)))
    assert "The positive class is malignant" in found.text
    assert "there is nothing to compare" in found.text
    assert found.tags.count("svg") == 2 + 5


def test_decision_function_has_no_calibration(make_evaluation, page):
    found = page(make_evaluation(is_probability={"forest": True, "svm": False}))
    assert found.tags.count("svg") == 2 + 5 + 3
    assert "Scores of svm are no probabilities" in found.text


def test_samples_that_were_not_tested(one, hold_out, page):
    found = page(hold_out(one, 24))
    assert "Never tested (trained on, or held for choices) 18 patients, 36 samples" in found.text
    assert "12 patients, 24 samples tested" in found.text
    assert "One part was held out" in found.text


@pytest.mark.usefixtures("no_figures")
def test_neither_patients_nor_sites(make_evaluation, page):
    found = page(make_evaluation(names=("forest",), groups=None, sites=None))
    assert "No groups were given" in found.text
    assert "by patient" not in found.text


@pytest.mark.usefixtures("no_figures")
def test_patients_of_several_classes_have_no_answer_and_the_reason_is_told(one, page):
    one.target[0] = 1
    found = page(one)
    assert "No answers by patient. Answers by patient need one label for each patient" in found.text


def test_several_repeats(make_evaluation, page):
    found = page(make_evaluation(names=("forest",), n_repeats=2))
    assert "6 folds in 2 repeats" in found.text
    assert "A value is the mean over 2 repeats." in found.text


@pytest.mark.usefixtures("no_figures")
def test_pictures_of_the_worst_cases(one, page):
    rng = np.random.default_rng(0)
    images = [rng.random((20 + n, 30, 2)) for n in range(60)]
    found = page(one, images=images)
    assert found.tags.count("img") == 6


@pytest.mark.usefixtures("no_figures")
def test_notes_fill_items(usual, one, page):
    told = {"CLAIM 2024 5": "Retrospective.", "question": "Which tumour?\n\nWhich grade?"}
    found = page(one, notes=told)
    assert "Retrospective." in found.text
    assert "Which tumour? Which grade?" in found.text
    assert found.text.count("For the authors.") == usual.text.count("For the authors.") - 1


@pytest.mark.usefixtures("no_figures")
def test_note_about_no_item_is_refused(make_evaluation, tmp_path):
    with pytest.raises(ValueError, match="notes must be about .* Got 'TRIPOD\\+AI 99'"):
        write_report(make_evaluation(), tmp_path / "page.html", notes={"TRIPOD+AI 99": "x"})


@pytest.mark.usefixtures("no_figures")
def test_images_must_be_as_many_as_samples(make_evaluation, tmp_path):
    with pytest.raises(ValueError, match="one image for each of 60 samples. Got 59"):
        write_report(make_evaluation(), tmp_path / "page.html", images=np.zeros((59, 20, 20)))
    assert list(tmp_path.iterdir()) == []


def test_page_is_the_same_from_run_to_run(make_evaluation, tmp_path):
    for name in ("one", "two"):
        write_report(make_evaluation(names=("forest",)), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.usefixtures("no_figures")
def test_old_page_stays_until_the_new_one_is_whole(make_evaluation, tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    path.write_text("old")
    path.chmod(0o640)

    def full(*names):
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.replace", full)
        with pytest.raises(OSError, match="No space"):
            write_report(make_evaluation(names=("forest",)), path)
    assert path.read_text() == "old"
    write_report(make_evaluation(names=("forest",)), path)
    assert path.read_text().startswith("<!DOCTYPE html>")
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_users_style_does_not_reach_the_page(make_evaluation, tmp_path):
    import matplotlib.pyplot as plt

    write_report(make_evaluation(names=("forest",)), tmp_path / "plain")
    with plt.style.context("dark_background"):
        write_report(make_evaluation(names=("forest",)), tmp_path / "dark")
    assert (tmp_path / "plain").read_bytes() == (tmp_path / "dark").read_bytes()
    assert plt.get_fignums() == []
