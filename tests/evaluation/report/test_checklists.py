import re

import pytest

from sicf.evaluation.report._checklist_facts import facts_for_checklists
from sicf.evaluation.report._checklists import item_names, load_checklists
from sicf.evaluation.report._cohort_counts import Cohort


def test_lists_have_the_items_of_their_guidelines():
    tripod, claim = load_checklists()
    numbers = [re.match(r"\d+", item["item"])[0] for item in tripod["items"]]
    assert list(dict.fromkeys(numbers)) == [str(n) for n in range(1, 28)]
    assert len(tripod["items"]) == 52
    assert [item["item"] for item in claim["items"]] == [str(n) for n in range(1, 45)]
    assert (tripod["doi"], claim["doi"]) == ("10.1136/bmj-2023-078378", "10.1148/ryai.240300")
    assert len(set(item_names())) == 52 + 44


def test_every_fact_that_a_list_names_is_made(make_evaluation):
    evaluation = make_evaluation()
    facts = facts_for_checklists(evaluation, Cohort(evaluation))
    named = {
        item["fact"]
        for checklist in load_checklists()
        for item in checklist["items"]
        if "fact" in item
    }
    assert named == set(facts)


def test_what_is_not_known_is_not_filled(make_evaluation):
    evaluation = make_evaluation(sites=None, about={}, versions={})
    facts = facts_for_checklists(evaluation, Cohort(evaluation))
    unknown = {fact for fact, said in facts.items() if said is None}
    assert unknown == {"sites", "seeds", "software", "left_out_sites"}


@pytest.mark.parametrize(("disjoint", "said"), [(True, "No patient has"), (False, "1 patient(s)")])
def test_level_of_the_partition_is_looked_up_in_the_folds(make_evaluation, disjoint, said):
    evaluation = make_evaluation()
    if not disjoint:
        evaluation.fold[0, 0] = 2
    assert facts_for_checklists(evaluation, Cohort(evaluation))["disjoint"].startswith(said)


def test_sites_left_out_in_turn_are_seen(make_evaluation):
    evaluation = make_evaluation()
    evaluation.fold[0] = evaluation.sites == "south"
    facts = facts_for_checklists(evaluation, Cohort(evaluation))
    assert facts["left_out_sites"] == "Every site was tested by models fitted to the others."


def test_answers_made_elsewhere_are_not_said_to_be_out_of_fold(make_evaluation, tmp_path):
    evaluation = make_evaluation()
    evaluation.fold[:] = 0
    facts = facts_for_checklists(evaluation, Cohort(evaluation))
    unknown = {fact for fact, said in facts.items() if said is None}
    assert {"aim", "disjoint", "internal", "partition", "predictions", "training"} <= unknown
    evaluation.report(tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "out of fold" not in page
    assert "whether anybody was held out is not known" in page
