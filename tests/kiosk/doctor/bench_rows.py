"""Every fault that the bench can play: what is done there → what the doctor must say of which device."""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.readiness.workplace import Allowed

NOTHING, PAPER = Allowed(), Allowed(paper=True)
PERSON, DOORS = Allowed(person=True), Allowed(doors=True)


@dataclass(frozen=True)
class Row:
    """`hand(arguments)` at `device` → `code`, and these words of its remedy.

    `asked`: the hand moves when the doctor asks the person before the terminal. `first` moves before.
    """

    device: str
    hand: str
    code: str
    remedy: str
    arguments: dict[str, object] = field(default_factory=dict)
    allowed: Allowed = NOTHING
    ready: bool = False
    asked: bool = False
    first: tuple[str, dict[str, object]] | None = None

    def __str__(self) -> str:
        told = "-".join(str(value) for value in self.arguments.values())
        return "-".join(part for part in (self.device, self.hand, told, self.code) if part)


def _asked(how: str, code: str, remedy: str) -> Row:
    """A frame that is damaged when the module is asked."""
    return Row("id_card_reader", "damage_next", code, remedy, {"how": how, "of": "any"})


def _read(how: str, code: str, remedy: str) -> Row:
    """A frame that is damaged when a card is read."""
    put: tuple[str, dict[str, object]] = ("put", {"person": "zhang"})
    return Row("id_card_reader", "damage_next", code, remedy, {"how": how, "of": "read"}, PERSON, first=put)


CABLE, SILENT, GARBLED = "Check cable and power", "check cable, baud rate", "shielding, grounding"
ROWS = (
    # ── ID card reader ──
    Row("id_card_reader", "unplug", "device_absent", CABLE),
    Row("id_card_reader", "fail_self_test", "id_module_failed", "power-cycle, then replace"),
    _asked("checksum", "device_garbled", GARBLED),
    _read("checksum", "device_garbled", GARBLED),
    _asked("cut", "device_timeout", SILENT),
    _asked("garbage", "device_timeout", SILENT),
    _asked("silent", "device_timeout", SILENT),
    _read("silent", "device_timeout", SILENT),
    _asked("late", "device_timeout", SILENT),  # the last: its answer may come while the next row is played
    # ── code scanner ──
    Row("code_scanner", "unplug", "device_absent", CABLE),
    Row("code_scanner", "garbage", "code_unreadable", "rate, terminator", {}, PERSON, True, asked=True),
    # ── I/O board ──
    Row("io_board", "unplug", "device_absent", CABLE),
    Row("io_board", "silence", "device_timeout", SILENT),
    Row("io_board", "on", "io_cabinet_open", "see whether somebody works", {"input": "cabinet_door"}),
    Row("io_board", "on", "io_metal_detected", "go and see", {"input": "metal_detector"}),
    # ── locker ──
    Row("locker", "unplug", "device_absent", CABLE),
    Row("locker", "silence", "device_timeout", SILENT),
    Row("locker", "jam", "locker_not_opened", "whether it is jammed", {"door": 5}, DOORS),
    # ── cameras ──
    Row("person_camera", "unplug", "device_absent", CABLE),
    Row("person_camera", "cover", "camera_dark", "Clean the lens"),
    Row("person_camera", "freeze", "camera_frozen", "another USB port"),
    Row("document_camera", "unplug", "device_absent", CABLE),
    Row("document_camera", "cover", "camera_dark", "Clean the lens"),
    Row("document_camera", "freeze", "camera_frozen", "another USB port"),
    Row("document_camera", "put", "camera_blurred", "turn the lens", {"sheet": "form", "blur": 5.0}),
    Row("document_camera", "put", "camera_glare", "shade the window", {"sheet": "form", "glare": 0.3}),
    Row("document_camera", "move", "camera_dark", "check the light", {"light": 0.2}),
    # ── receipt printer ──
    Row("receipt_printer", "unplug", "device_absent", CABLE),
    Row("receipt_printer", "silence", "device_timeout", SILENT),
    Row("receipt_printer", "paper_low", "receipt_paper_low", "Change the receipt roll", ready=True),
    Row("receipt_printer", "paper_out", "receipt_paper_out", "Load a new roll"),
    Row("receipt_printer", "paper_out_after", "receipt_paper_out", "Load a new roll", {"rows": 90}, PAPER),
    Row("receipt_printer", "open_cover", "receipt_cover_open", "Close the receipt printer's cover"),
    Row(
        "receipt_printer",
        "at_row",
        "receipt_cover_open",
        "Close the receipt printer's cover",
        {"rows": 90, "hand": "open_cover"},
        PAPER,
    ),
    Row("receipt_printer", "jam_next_cut", "receipt_cutter", "reset the cutter", {}, PAPER),
    # ── A4 printer ──
    Row("a4_printer", "unplug", "device_absent", CABLE),
    Row("a4_printer", "paper_low", "a4_paper_low", "Refill the A4 tray", ready=True),
    Row("a4_printer", "paper_out", "a4_paper_out", "push it home"),
    Row("a4_printer", "toner_low", "a4_toner_low", "Have a toner", ready=True),
    Row("a4_printer", "toner_out", "a4_toner_out", "Change the toner"),
    Row("a4_printer", "open_cover", "a4_cover_open", "Close the printer's cover"),
    Row("a4_printer", "jam", "a4_jam", "Remove the jammed sheet"),
    Row("a4_printer", "jam_next", "a4_jam", "Remove the jammed sheet", {}, PAPER),
    Row("a4_printer", "abort_next", "a4_failed", "look at the panel", {}, PAPER),
    Row("a4_printer", "after_sheet", "a4_paper_out", "push it home", {"do": "paper_out"}, PAPER),
    # ── special printer: its blanks are numbered, none is spent on a test ──
    Row("special_printer", "unplug", "device_absent", CABLE),
    Row("special_printer", "silence", "device_timeout", SILENT),
    Row("special_printer", "paper_low", "special_blank_low", "next pack of blanks", ready=True),
    Row("special_printer", "paper_out", "special_blank_out", "Load a new pack"),
    Row("special_printer", "open_cover", "special_cover_open", "certificate printer's cover"),
    Row("special_printer", "empty", "special_blank_out", "Load a new pack"),
)

# What a printer forgets when it is opened, or tells only after a good page: seen by a terminal that runs.
RUNNING = (
    Row("receipt_printer", "cutter_error", "receipt_cutter", "reset the cutter"),
    Row("receipt_printer", "drop_next_fence", "receipt_unfinished", "clear the buffer", {}, PAPER),
    Row("a4_printer", "lose_page", "a4_pages_missing", "compare the pages", {}, PAPER),
    Row("person_camera", "cover", "camera_dark", "Clean the lens"),
)

_MENDS = "sets it right again"
_SPENDS = "shows only when a blank is spent, which the doctor never does"
_USUAL = "what a citizen does"
HARMLESS = {
    ("id_card_reader", "put"): _USUAL,
    ("id_card_reader", "take"): _USUAL,
    ("code_scanner", "scan"): _USUAL,
    ("code_scanner", "scan_paper"): _USUAL,
    ("io_board", "off"): _MENDS,
    ("code_scanner", "half"): "half a code is none: nobody has held one before it",
    ("locker", "wrong_check"): "a make's own way to check, which the driver understands",
    ("locker", "open"): "a door that stands open is told as such",
    ("locker", "close"): _MENDS,
    ("locker", "free"): _MENDS,
    ("person_camera", "show"): _USUAL,
    ("document_camera", "remove"): _USUAL,
    ("receipt_printer", "tear"): _USUAL,
    ("receipt_printer", "take"): _USUAL,
    ("a4_printer", "take"): _USUAL,
    ("special_printer", "load"): _MENDS,
    (
        "special_printer",
        "spoil",
    ): "shows in the sheet's own number when the next is printed",
    ("special_printer", "tear"): _USUAL,
    ("special_printer", "take"): _USUAL,
    ("special_printer", "cutter_error"): "opening it clears the cutter; receipt_printer in RUNNING",
    ("special_printer", "at_row"): _SPENDS,
    ("special_printer", "paper_out_after"): _SPENDS,
    ("special_printer", "jam_next_cut"): _SPENDS,
    ("special_printer", "drop_next_fence"): _SPENDS,
}
NO_DEVICE = {"phone"}  # a citizen's own, no part of the terminal
