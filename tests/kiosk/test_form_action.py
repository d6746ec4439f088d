"""A form's button says what follows, as far as the answers do not decide it."""

from __future__ import annotations

import pytest

from config.catalogue_files import load_catalogue
from config.service import Service
from config.words import words
from kiosk import journey
from kiosk.steps.form import _action

FORMS = [one for one in load_catalogue().services.values() if one.fields]
FOLLOWS = {
    journey.LOOK: "journey.then_look",
    journey.MATERIALS: "journey.then_papers",
    journey.CONFIRM: "journey.then_check",
    journey.RATE_LATER: "journey.then_rate",
    journey.COPY_SCAN: "journey.then_scan",
}


@pytest.mark.parametrize("service", FORMS, ids=lambda one: one.id)
def test_the_button_of_a_form_names_the_page_that_follows(service: Service) -> None:
    steps = journey.steps_of(service)
    following = steps[steps.index(journey.FORM) + 1]
    told = _action(service)
    if following is journey.MATERIALS and all(one.only_if is not None for one in service.materials):
        assert told == words("journey.next"), "the answers decide whether a paper is wanted"
    elif following in FOLLOWS:
        assert told == words(FOLLOWS[following])
    else:
        assert told == service.action, "what it does is done at once"


def test_the_form_of_the_insurance_proof_leads_to_the_check_of_what_it_says() -> None:
    [proof] = [one for one in FORMS if one.id == "SB01"]
    assert (_action(proof).zh, _action(proof).en) == ("下一步，核对信息", "Next: check")
