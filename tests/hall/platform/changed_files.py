"""What people do to a signed file: each change by its name, made with tools that nobody here wrote."""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import random
from collections.abc import Callable
from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.generic import NumberObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field


def flipped(pdf: bytes, place: int, bit: int = 0) -> bytes:
    """The file with one bit of one byte turned."""
    return pdf[:place] + bytes([pdf[place] ^ 1 << bit]) + pdf[place + 1 :]


def gap(pdf: bytes) -> tuple[int, int]:
    """Where the signature itself lies, brackets and all: what the signed ranges leave out."""
    start, length, again, _ = (int(n) for n in PdfFileReader(BytesIO(pdf)).embedded_signatures[0].byte_range)
    return start + length, again


def places_in_the_signature(pdf: bytes, many: int, seed: int) -> list[tuple[int, int]]:
    """Bytes and bits of the gap: its brackets, the first and last of the zeros behind, and `many` between."""
    begin, end = gap(pdf)
    digits = pdf[begin:end].rstrip(b"0>")
    chance = random.Random(seed)
    fixed = [begin, begin + 1, begin + len(digits) + 2, (begin + len(digits) + end) // 2, end - 2, end - 1]
    within = chance.sample(range(begin + 1, begin + len(digits)), many)
    lengths = [(begin + digit, bit) for digit in range(1, 40) for bit in (0, 1)]  # of what is around it all
    return lengths + [(place, bit) for place in fixed + within for bit in (chance.randrange(5), 5)]


def shouted(pdf: bytes) -> bytes:
    """One letter of the signature's hexadecimal in the other case: readers take it for the same."""
    begin, end = gap(pdf)
    place = next(n for n in range(begin, end) if pdf[n : n + 1] in b"abcdefABCDEF")
    return flipped(pdf, place, 5)


def commented(pdf: bytes) -> bytes:
    """A comment of the file's own language behind its end."""
    return pdf + b"\n% a comment\n"


def _later(change: Callable[[IncrementalPdfFileWriter], None]) -> Callable[[bytes], bytes]:
    def revised(pdf: bytes) -> bytes:
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        change(writer)
        changed = BytesIO()
        writer.write(changed)
        assert changed.getvalue().startswith(pdf), "what was signed stands unchanged before it"
        return changed.getvalue()

    return revised


def _page_added(writer: IncrementalPdfFileWriter) -> None:
    page = PageObject(
        contents=writer.add_object(generic.StreamObject(stream_data=b"0 0 200 200 re f")),
        media_box=(0, 0, 595, 842),
    )
    writer.insert_page(page)


def _first_page_again(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    pages["/Kids"].append(pages.raw_get("/Kids")[0])
    pages["/Count"] = NumberObject(int(pages["/Count"]) + 1)
    writer.update_container(pages)


def _note_added(writer: IncrementalPdfFileWriter) -> None:
    """What a reader's comment tool does: an annotation on page 1."""
    note = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/FreeText"),
            generic.pdf_name("/Rect"): generic.ArrayObject([NumberObject(n) for n in (100, 500, 300, 540)]),
            generic.pdf_name("/Contents"): generic.TextStringObject("已核对"),
        }
    )
    writer.register_annotation(writer.root["/Pages"]["/Kids"].raw_get(0), writer.add_object(note))


def _drawn_over(writer: IncrementalPdfFileWriter) -> None:
    writer.add_stream_to_page(0, writer.add_object(generic.StreamObject(stream_data=b"0 0 99 99 re f")))


def _field_added(writer: IncrementalPdfFileWriter) -> None:
    append_signature_field(writer, SigFieldSpec("Another"))


def _language_touched(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/Lang"] = writer.root["/Lang"]
    writer.update_root()


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "a comment behind its end": commented,
    "one byte behind its end": lambda pdf: pdf + b"\n",
    "a byte before its beginning": lambda pdf: b"\n" + pdf,
    "its last byte gone": lambda pdf: pdf[:-1],
    "a capital in the signature": shouted,
    "a page appended": _later(_page_added),
    "its first page appended": _later(_first_page_again),
    "a note on page 1": _later(_note_added),
    "a black field over page 1": _later(_drawn_over),
    "a second signature field": _later(_field_added),
    "its catalogue written again": _later(_language_touched),
}


def unsigned_page() -> bytes:
    """A PDF of nobody's."""
    writer = PdfFileWriter()
    content = writer.add_object(generic.StreamObject(stream_data=RawContent(b"0 0 9 9 re f").render()))
    writer.insert_page(PageObject(contents=content, media_box=(0, 0, 595, 842)))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
