"""Paying at the terminal: whatever happens, each paid order has one case or one refund."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx
import pytest

from kiosk.prompts import Chosen, Consent, Pay, Trouble
from tests.journeys.citizen import HOME, Citizen
from tests.journeys.conftest import Play
from tests.journeys.hall import Hall, until
from tests.journeys.paid_service import PAID, offer
from tests.journeys.test_journeys import told


@pytest.fixture
def paid(hall: Hall) -> None:
    offer(hall)


def test_who_pays_is_served_and_everybody_knows_of_it(hall: Hall, play: Play, paid: None, kiosk: str) -> None:
    citizen = Citizen(hall, service=PAID)
    play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"))
    assert citizen.last(Pay).fen == 500
    print(citizen.pages)
