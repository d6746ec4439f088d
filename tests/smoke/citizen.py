"""Somebody at the terminal: touches the window, lays a card on the reader, stands before the camera."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any

import httpx

from config.people import Person, people
from config.words import words
from tests.smoke.report import Stuck
from tests.smoke.window import Outline, Window


class Bench:
    """The hands of the bench, over its JSON interface."""

    def __init__(self, port: int) -> None:
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60.0, trust_env=False)

    def act(self, device: str, action: str, **arguments: Any) -> None:
        """Does it. Stuck when the bench refuses."""
        answer = self._http.post("/act", json={"device": device, "action": action, **arguments})
        if answer.is_error:
            raise Stuck(f"the bench refused {action} on {device}: {answer.text}")

    def state(self, device: str) -> dict[str, Any]:
        """What a person sees of one device."""
        told: dict[str, Any] = self._http.get("/state").json()[device]
        return told

    def paper(self, printer: str, number: int) -> bytes:
        """A piece of paper: `receipt` as PNG, `a4` as the PDF that came out."""
        ending = "png" if printer == "receipt" else "pdf"
        return self._http.get(f"/paper/{printer}/{number}.{ending}").raise_for_status().content

    def texts(self, phone: str) -> list[str]:
        """The text messages to a number, newest first."""
        return [one["text"] for one in self._http.get("/sms").json() if one["to"] == phone]

    def close(self) -> None:
        self._http.close()


class Citizen:
    """One invented person with a finger."""

    def __init__(self, key: str, window: Window, bench: Bench) -> None:
        self.person: Person = people()[key]
        self.key = key
        self.window = window
        self.bench = bench

    def go_home(self) -> None:
        """To the home page from wherever the terminal stands, so that the next one can begin."""
        self.bench.act("id_card_reader", "take")
        for _ in range(12):
            outline = self.window.look()
            if outline.page == "Home":
                return
            way = next(
                (
                    n
                    for n in ("continue", "done", "skip", "taken", "home", "choice:home")
                    if _free(outline, n)
                ),
                "",
            )
            if way:
                self.window.tap(way)
            time.sleep(0.5)
        self.window.page("Home", seconds=60)

    def open_guide(self, service: str, theme: int) -> Outline:
        """From home to the guide of a service."""
        self.window.page("Home")
        self.window.tap(f"theme:{theme}")
        listed = self.window.page("ChooseService")
        while listed.item(f"service:{service}") is None and _free(listed, "page:next"):
            self.window.tap("page:next")
            listed = self.window.changed(listed, "the list's next page")
        self.window.tap(f"service:{service}")
        return self.window.page("Guide")

    def lay_card(self) -> None:
        """Starts from the guide, lays the card down, and lifts it when asked to."""
        self.window.tap("start")
        self.window.page("PlaceCard")
        self.bench.act("id_card_reader", "put", person=self.key)
        self.lift_card()

    def lift_card(self, seconds: float = 60.0) -> None:
        """Takes the card once the screen asks for that, or has gone on."""
        asked = words("screen.card_remove")
        self.window.until(
            lambda o: o.page != "PlaceCard" or asked[o.language] in o.text, "the card to be read", seconds
        )
        self.bench.act("id_card_reader", "take")

    def choose_means(self, means: str) -> None:
        """Among the ways to show that it is he: face, sms, staff …"""
        self.window.page("ChooseOne")
        self.window.tap(f"choice:{means}")

    def show_face(self, who: str = "") -> None:
        """Chooses the face check where there is a choice, agrees to it and stands before the camera."""
        if self.window.page("ChooseOne", "Consent").page == "ChooseOne":
            self.choose_means("face")
        self.window.page("Consent")
        self.bench.act("person_camera", "show", who=who or self.person.live.rpartition(".")[0])
        self.window.tap("agree")

    def prove_by_text_message(self) -> None:
        """Has a code sent to the phone on file and types it."""
        if self.window.page("ChooseOne", "EnterCode").page == "ChooseOne":
            self.choose_means("sms")
        self.window.page("EnterCode")
        for digit in self.code():
            self.window.tap(f"digit:{digit}")
        self.window.tap("confirm")

    def code(self, seconds: float = 60.0) -> str:
        """The newest code on the phone. Stuck when none comes."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for text in self.bench.texts(self.person.phone):
                if found := re.search(r"\d{6}", text):
                    return found[0]
            time.sleep(0.05)
        raise Stuck("no text message came")

    def in_form(self, name: str) -> None:
        """Touches something of a form, turning its pages forward to find it."""
        self.window.page("FillForm")
        for _ in range(6):
            outline = self.window.look()
            if _free(outline, name):
                self.window.tap(name)
                return
            if not _free(outline, "page:next"):
                break
            self.window.tap("page:next")
            self.window.changed(outline, "the form's next page")
        raise Stuck(f"the form has no {name} that can be touched")

    def write(self, slate: str, strokes: Sequence[Sequence[tuple[float, float]]]) -> None:
        """Writes with the finger: strokes of points in shares of the slate."""
        for stroke in strokes:
            item = self.window.look().item(slate)
            if item is None:
                raise Stuck(f"there is no {slate} to write on")
            self.window.draw(item, stroke)

    def rate(self, stars: int, *codes: str) -> float:
        """Rates. Returns the moment of the last touch."""
        self.window.page("Rate")
        self.window.tap(f"star:{stars}")
        for code in codes:
            self.window.tap(f"code:{code}")
        return self.window.tap("rate:submit")


def _free(outline: Outline, name: str) -> bool:
    item = outline.item(name)
    return item is not None and item.enabled
