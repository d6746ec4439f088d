"""The picture of the machine has a place for each device that paper comes out of, or is left under."""

from __future__ import annotations

from config.devices import Kind
from kiosk.prompts import Place, TakePaper, Working
from screens import machine_picture
from tests.screens import prompts as p
from tests.screens.glass import the_glass
from tests.screens.samples import SAMPLES


def test_every_kind_of_printer_has_its_slot() -> None:
    assert {kind for kind in Kind if kind.endswith("_printer")} == machine_picture.PRINTERS


def test_every_printer_is_drawn_working_and_to_be_emptied() -> None:
    glass = the_glass()
    for kind in sorted(machine_picture.PRINTERS):
        for prompt in (
            Working(p.W("正在打印", "Printing"), 20, kind),
            TakePaper(p.W("请取走", "Take it"), kind),
        ):
            glass.present(p.HOME, p.NOWHERE)
            glass.present(prompt, Place())


def test_the_pictures_that_are_looked_at_show_each_of_them() -> None:
    shown = {one.prompt.device for one in SAMPLES if isinstance(one.prompt, TakePaper)}
    assert shown == machine_picture.PRINTERS | {Kind.DOCUMENT_CAMERA}
