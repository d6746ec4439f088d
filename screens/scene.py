"""What is on the glass: ground and frame, the page, and what lies over it. Main thread only."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kivy.clock import Clock
from kivy.uix.widget import Widget

from config.words import LANGUAGES, Words
from kiosk.prompts import (
    Answer,
    CameraSight,
    Chosen,
    Consent,
    Goodbye,
    Home,
    Masked,
    OutOfService,
    Place,
    Prompt,
    TechnicianKey,
    TouchCrosses,
    WorkList,
    WorkSheet,
)
from screens import frame, overlay, pages, starting, work_frame
from screens.gesture import Gesture
from screens.leave import Leave
from screens.picture import Pixels, pixels
from screens.sheet import Item, Sheet
from screens.tokens import Area, Tokens, tokens_for
from screens.turn import Turn

_FORGET_LANGUAGE = 45.0  # seconds without a touch on the home page
_SETTLE = 0.2  # seconds in which a new page takes no touch: the second of a double tap is not meant for it
_WORK = (TechnicianKey, WorkList, WorkSheet, TouchCrosses, CameraSight)
_NO_WORK = (Home, OutOfService, Goodbye)


@dataclass(frozen=True)
class Told:
    """Whom the scene tells: of an answer to a numbered prompt, of each touch, of the technician's gesture."""

    answer: Callable[[int, Answer | Leave], None]
    touched: Callable[[], None]
    gesture: Callable[[], None] = lambda: None


class Scene(Widget):
    """The root of the window."""

    def __init__(
        self,
        size: tuple[int, int],
        hall: Words,
        language: str,
        told: Told,
        help_phone: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(size_hint=(None, None), size=size, **kwargs)
        self.hall, self.language, self.help_phone, self.told = hall, language, help_phone, told
        self._usual_language = language
        self._other_at_home = False  # it was set while somebody was served
        self._turn: Turn[Any] | None = None
        self._seconds_left: int | None = None
        self._helping = False
        self._at_work = False  # a technician is: from his first page until citizens are received, or not
        self._aside: tuple[Consent, Callable[[Answer], None]] | None = None
        self._gesture = Gesture()
        self._last_touch = time.monotonic()
        self.settle = _SETTLE
        self._settled = 0.0
        self.pressing: Callable[[Area], None] = lambda _: None
        self.draw_whole: Callable[[], None] = lambda: None  # the next frame is a full one after all
        self._layers(tokens_for(*size))
        self._clock_tick = Clock.schedule_once(self._minute, self._to_next_minute())
        self._forget = Clock.schedule_interval(self._forget_language, 5.0)

    def _layers(self, tokens: Tokens) -> None:
        self.clear_widgets()
        self.t = tokens
        self.ground, self.page, self.over = (Sheet(tokens) for _ in range(3))
        for layer in (self.ground, self.page, self.over):
            layer.pressing = lambda area: self.pressing(area)
            self.add_widget(layer)
        if self._turn is None:
            starting.draw(self.page, self.hall, self.language)

    # ── from the stage ──────────────────────────────────────────────────────
    def present(self, number: int, prompt: Prompt, place: Place) -> None:
        """Shows a prompt. One of the class in view takes over what was typed, where the page says so."""
        before = self._turn
        memory: dict[str, Any] = {}
        if before is not None:
            before.end_timers()
            if type(before.prompt) is type(prompt):
                memory = pages.carried(before, prompt)
            elif isinstance(before.prompt, Goodbye) or (self._other_at_home and isinstance(prompt, Home)):
                self.language, self._other_at_home = self._usual_language, False
        same_page = before is not None and type(before.prompt) is type(prompt) and before.place == place
        if not isinstance(prompt, Home | OutOfService):
            self._gesture.forget()
        if not same_page:
            self.page.forget_press()
            self._helping = False
            self.draw_whole()
            if before is not None:  # the very first page has no tap before it
                self._settled = time.monotonic() + self.settle
        was_at_work = self._at_work
        self._at_work = isinstance(prompt, _WORK) or (was_at_work and not isinstance(prompt, _NO_WORK))
        if was_at_work and not self._at_work:  # the technician's language is not the next citizen's
            self.language, self._other_at_home = self._usual_language, False
        around = self._around(prompt, place)
        self._turn = Turn(
            number=number,
            prompt=prompt,
            place=place,
            language=self.language,
            area=_page_area(self.t, around),
            reply=self.told.answer,
            redraw=self._draw_page,
            memory=memory,
        )
        if not same_page:
            self._draw_frame()
        self._draw_page()
        self._draw_over()

    def warn(self, seconds_left: int | None) -> None:
        """The time-out warning, or None to take it away."""
        self._seconds_left = seconds_left
        self._draw_over()

    def ask_aside(
        self, question: Consent | None, answered: Callable[[Answer], None] = lambda answer: None
    ) -> None:
        """Lays a question over the page, or takes it away with None. The page beneath stays as it is."""
        self._aside = (question, answered) if question is not None else None
        self._draw_over()

    def dress(self, language: str, help_phone: str) -> None:
        """The language that the home page begins in, and the number that help names, from now on."""
        changed = language != self._usual_language
        self._usual_language, self.help_phone = language, help_phone
        if changed and (self._turn is None or isinstance(self._turn.prompt, Home | OutOfService)):
            self._speak(language)
        else:  # whoever is being served keeps his own
            self._other_at_home = self._other_at_home or changed

    def pixels(self) -> Pixels:
        """What is on the glass."""
        return pixels([self.ground, self.page, self.over])

    def pixels_of(self, prompt: Masked, place: Place) -> Pixels:
        """A prompt drawn on sheets of its own, which are never shown."""
        ground, page = Sheet(self.t), Sheet(self.t)
        around = self._around(prompt, place)
        nothing = frame.Touches(*(lambda: None,) * 4)
        area = _page_area(self.t, around)
        turn: Turn[Any] = Turn(0, prompt, place, self.language, area, lambda *_: None, lambda: None)
        _draw_frame(ground, around, nothing)
        pages.draw(page, turn)
        return pixels([ground, page])

    def resize(self, width: int, height: int) -> None:
        """The window has another size now."""
        if (width, height) == (self.t.width, self.t.height) or width < 64 or height < 64:
            return
        self.size = (width, height)
        self._layers(tokens_for(width, height))
        self._draw_all()

    def close(self) -> None:
        """Ends every timer."""
        self._clock_tick.cancel()
        self._forget.cancel()
        if self._turn:
            self._turn.end_timers()

    def visible(self) -> tuple[str, list[Item]]:
        """The name of the page and what can be read and touched now."""
        name = type(self._turn.prompt).__name__ if self._turn else ""
        layers = [self.over] if self.over.solid else [self.ground, self.page]
        return name, [item for layer in layers for item in layer.items]

    # ── drawing ─────────────────────────────────────────────────────────────
    def _around(self, prompt: Prompt, place: Place) -> frame.Around:
        quiet = isinstance(prompt, Goodbye | OutOfService)
        at_home = isinstance(prompt, Home)
        return frame.Around(
            hall=self.hall,
            place=place,
            language=self.language,
            now=datetime.now(),
            back=place.back and not at_home,
            home=place.home and not at_home,
            foot=not quiet,
            work=self._at_work,
            bare=isinstance(prompt, TouchCrosses),
        )

    def _draw_all(self) -> None:
        if self._turn is None:
            return
        self._turn.area = _page_area(self.t, self._around(self._turn.prompt, self._turn.place))
        self._draw_frame()
        self._draw_page()
        self._draw_over()

    def _draw_frame(self) -> None:
        turn = self._turn
        if turn is None:
            return
        touches = frame.Touches(
            back=lambda: self._leave(Leave.BACK),
            home=lambda: self._leave(Leave.HOME),
            help=lambda: self._help(True),
            language=self._other_language,
        )
        _draw_frame(self.ground, self._around(turn.prompt, turn.place), touches)

    def _draw_page(self) -> None:
        turn = self._turn
        if turn is None:
            return
        turn.end_timers()
        turn.language, turn.back, turn.home = self.language, None, None
        self.page.clear()
        pages.draw(self.page, turn)

    def _draw_over(self) -> None:
        if self._seconds_left is not None:
            overlay.warning(self.over, self.language, self._seconds_left, self._go_on, self._at_work)
        elif self._aside is not None:
            question, _ = self._aside
            overlay.aside(self.over, self.language, question, self._answer_aside)
        elif self._helping:
            overlay.help_panel(self.over, self.language, self.help_phone, lambda: self._help(False))
        elif self.over.solid:
            overlay.hide(self.over)

    # ── touches ─────────────────────────────────────────────────────────────
    def on_touch_down(self, touch: Any) -> bool:
        self._last_touch = time.monotonic()
        self.told.touched()
        taken = not self.settled() or bool(super().on_touch_down(touch))
        if self._turn is not None and isinstance(self._turn.prompt, Home | OutOfService):
            self._gesture.down(*self._spot(touch), time.monotonic(), empty=not taken)
        return taken

    def on_touch_up(self, touch: Any) -> bool:
        made = self._gesture.up(*self._spot(touch), time.monotonic())
        taken = bool(super().on_touch_up(touch))
        if made:
            self.told.gesture()
        return taken

    def _spot(self, touch: Any) -> tuple[float, float]:
        """Where the finger is, in parts of the window's shorter side."""
        side = min(self.t.width, self.t.height)
        return touch.x / side, touch.y / side

    def settled(self) -> bool:
        """Whether the page takes touches yet."""
        return time.monotonic() >= self._settled

    def _leave(self, how: Leave) -> None:
        turn = self._turn
        if turn is None or turn.answered:
            return
        own = turn.back if how is Leave.BACK else turn.home
        if own is not None:
            own()  # out of a pad, say, to the page that it belongs to
            return
        turn.answered = True
        self.told.answer(turn.number, how)

    def _go_on(self) -> None:
        self.warn(None)

    def _answer_aside(self, value: str) -> None:
        aside, self._aside = self._aside, None
        self._draw_over()
        if aside is not None:
            aside[1](Chosen(value))

    def _help(self, shown: bool) -> None:
        self._helping = shown
        self._draw_over()

    def _other_language(self) -> None:
        self._speak(LANGUAGES[(LANGUAGES.index(self.language) + 1) % len(LANGUAGES)])

    def _speak(self, language: str) -> None:
        self.language = language
        self._draw_all()

    # ── time ────────────────────────────────────────────────────────────────
    def _to_next_minute(self) -> float:
        now = datetime.now()
        return 60.05 - now.second - now.microsecond / 1e6

    def _minute(self, _: float) -> None:
        self._draw_frame()
        self._clock_tick = Clock.schedule_once(self._minute, self._to_next_minute())

    def _forget_language(self, _: float) -> None:
        """The next citizen finds the hall's language."""
        idle = time.monotonic() - self._last_touch > _FORGET_LANGUAGE
        if (
            idle
            and self._turn
            and isinstance(self._turn.prompt, Home)
            and self.language != self._usual_language
        ):
            self._speak(self._usual_language)


def _page_area(t: Tokens, around: frame.Around) -> Area:
    return work_frame.page_area(t, around) if around.work else frame.page_area(t, around)


def _draw_frame(sheet: Sheet, around: frame.Around, touches: frame.Touches) -> None:
    (work_frame if around.work else frame).draw(sheet, around, touches)
