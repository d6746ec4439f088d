"""The virtual receipt printer, asked in bytes and by an independent encoder."""

from __future__ import annotations

import io
import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from escpos.printer import Dummy
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from drivers.virtual import escpos_commands
from drivers.virtual.escpos_lengths import is_whole, length_of
from drivers.virtual.receipt_printer import BUFFER_BYTES, VirtualReceiptPrinter


@pytest.fixture
def printer() -> Iterator[VirtualReceiptPrinter]:
    virtual = VirtualReceiptPrinter(real_time=False)
    virtual.start()
    yield virtual
    virtual.stop()


@contextmanager
def _line(printer: VirtualReceiptPrinter) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", printer.port), 60) as line:
        line.settimeout(60)
        yield line


def _hear(line: socket.socket, count: int) -> bytes:
    heard = b""
    while len(heard) < count:
        heard += line.recv(count - len(heard))
    return heard


@given(st.binary(max_size=300))
def test_any_bytes_are_commands_of_some_length(data: bytes) -> None:
    interpreter, at = escpos_commands.Interpreter(72), 0
    while (length := length_of(data, at)) is not None:
        assert 1 <= length <= len(data) - at
        interpreter.obey(data[at : at + length])
        at += length
    assert is_whole(data[:at])


@pytest.mark.parametrize("way", ["bitImageRaster", "graphics"])
def test_a_picture_by_python_escpos_comes_out_dot_for_dot(printer: VirtualReceiptPrinter, way: str) -> None:
    picture = Image.frombytes("1", (576, 200), random.Random(3).randbytes(72 * 200).replace(b"\x10", b"\x20"))
    encoder = Dummy()
    encoder.image(picture, impl=way)
    encoder.cut()
    with _line(printer) as line:
        line.sendall(encoder.output + b"\x1dr\x01")
        _hear(line, 1)
    [piece] = printer.paper()
    with Image.open(io.BytesIO(piece.png)) as printed:
        assert printed.crop((0, 0, 576, 200)).tobytes() == picture.tobytes()


def test_text_by_python_escpos_leaves_a_mark(printer: VirtualReceiptPrinter) -> None:
    encoder = Dummy()
    encoder.text("Hall 1\nNumber 17\n")
    encoder.cut()
    with _line(printer) as line:
        line.sendall(encoder.output + b"\x1dr\x01")
        _hear(line, 1)
    [piece] = printer.paper()
    with Image.open(io.BytesIO(piece.png)) as printed:
        assert printed.convert("L").getextrema() == (0, 255)


def test_a_realtime_question_is_answered_while_the_printer_is_stopped_even_across_packets(
    printer: VirtualReceiptPrinter,
) -> None:
    printer.act("paper_out")
    with _line(printer) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.sendall(b"\x1dr\x01\x10\x04")  # a queued question, then half of one that is not queued
        line.sendall(b"\x04\x10\x04\x02")
        assert _hear(line, 2) == b"\x7e\x32"
        printer.act("refill")
        assert _hear(line, 1) == b"\x00"


def test_hours_of_questions_do_not_fill_the_buffer_of_a_stopped_printer(
    printer: VirtualReceiptPrinter,
) -> None:
    printer.act("open_cover")
    with _line(printer) as line:
        for _ in range(20):
            line.sendall(b"\x10\x04\x01" * 200)
            _hear(line, 200)
    assert printer.state()["buffered"] == 0


def test_a_full_buffer_stops_the_line(printer: VirtualReceiptPrinter) -> None:
    printer.act("paper_out")
    with _line(printer) as line:
        line.settimeout(0.3)
        with pytest.raises(TimeoutError):
            line.sendall(bytes(64) * 1_000_000)
        end = time.monotonic() + 60
        while int(str(buffered := printer.state()["buffered"])) < BUFFER_BYTES:  # what lies in the line comes
            assert time.monotonic() < end, "it never fills up"
            time.sleep(0.01)
        assert isinstance(buffered, int)
        assert buffered < BUFFER_BYTES + 8192


def test_words_for_a_hand_that_it_does_not_have(printer: VirtualReceiptPrinter) -> None:
    with pytest.raises(ValueError, match="cannot 'fly'"):
        printer.act("fly")
    with pytest.raises(ValueError, match="no argument"):
        printer.act("refill", sheets=3)
    for wrong in ({}, {"rows": -1}, {"rows": "many"}, {"rows": True}):
        with pytest.raises(ValueError, match="whole number"):
            printer.act("paper_out_after", **wrong)


def test_taking_the_paper_leaves_nothing_and_numbers_go_on(printer: VirtualReceiptPrinter) -> None:
    with _line(printer) as line:
        for _ in range(2):
            line.sendall(b"\x1bd\x02\x1dV\x00\x1dr\x01")
            _hear(line, 1)
            assert len(printer.paper()) == 1
            printer.act("tear")
        line.sendall(b"\x1bd\x02\x1dV\x00\x1dr\x01")
        _hear(line, 1)
    assert [piece.number for piece in printer.paper()] == [3]


def test_it_says_who_it_is(printer: VirtualReceiptPrinter) -> None:
    with _line(printer) as line:
        line.sendall(b"\x1dI\x42\x1dI\x01")
        assert _hear(line, 8) == b"_BENCH\x00\x20"
