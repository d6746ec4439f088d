"""Whoever reads what a program says may go at any moment: threads live on, commands end quietly."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from config import ends, spoken

REPO = Path(__file__).resolve().parents[2]
# A thread that logs while nobody reads any more, a ready line after it, and an end with a code of its own.
LOGS_ON = """
import sys, threading
from pathlib import Path
import structlog
from config import spoken
{configure}
log = structlog.get_logger("kiosk.test")

def work():
    log.info("first")
    Path({heard!r}).read_text()  # a pipe: until the reader has gone
    for number in range(100):
        log.warning("nobody reads this", number=number, long="x" * 1000)
    spoken.say("ready", sys.stdout)
    Path({alive!r}).write_text("alive")

thread = threading.Thread(target=work)
thread.start()
thread.join()
sys.exit(75)
"""
HALL = "from hall import serve; serve._log_to_stderr()"
PLATFORM = "from hall.platform import serve; serve._log_to_stderr()"
TERMINAL = "from kiosk import log_file; keeping = log_file.kept(Path({data!r})); keeping.__enter__()"


@pytest.mark.parametrize(
    ("configure", "stream"), [(TERMINAL, "stdout"), (HALL, "stderr"), (PLATFORM, "stderr")]
)
def test_a_thread_logs_on_and_the_exit_code_stays_when_the_reader_has_gone(
    configure: str, stream: str, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "heard")
    text = LOGS_ON.format(
        configure=configure.format(data=str(tmp_path)),
        heard=str(tmp_path / "heard"),
        alive=str(tmp_path / "alive"),
    )
    reader, writer = os.pipe()
    out, err = (writer, subprocess.PIPE) if stream == "stdout" else (subprocess.PIPE, writer)
    command = [sys.executable, "-c", text]
    with subprocess.Popen(command, cwd=REPO, stdout=out, stderr=err, text=True) as child:
        os.close(writer)
        try:
            with open(reader, encoding="utf-8") as pipe:
                assert "first" in pipe.readline()
            (tmp_path / "heard").write_text("")  # its reader has gone now
            said = "".join(filter(None, child.communicate(timeout=60)))
        finally:
            child.kill()
    assert (tmp_path / "alive").read_text() == "alive", said
    assert child.returncode == 75
    assert "Traceback" not in said and "Exception" not in said


def test_lines_of_many_threads_come_whole() -> None:
    reader, writer = os.pipe()
    with open(reader, encoding="utf-8") as pipe, open(writer, "w", encoding="utf-8") as pen:

        def speak(letter: str) -> None:
            for _ in range(20):
                spoken.say(letter * 50, pen)

        threads = [threading.Thread(target=speak, args=(letter,)) for letter in "abcdefgh"]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        pen.close()
        lines = pipe.read().splitlines()
    assert len(lines) == 160 and all(len(set(line)) == 1 and len(line) == 50 for line in lines)


def test_a_closed_stream_takes_nothing_and_raises_nothing(tmp_path: Path) -> None:
    with (tmp_path / "said").open("w") as stream:
        spoken.say("heard", stream)
    spoken.say("not heard", stream)
    assert (tmp_path / "said").read_text() == "heard\n"
    assert not spoken.unread(stream)


@pytest.mark.parametrize("command", [("catalogue", "check"), ("--help",)])
def test_a_command_whose_reader_has_gone_ends_quietly(command: tuple[str, ...]) -> None:
    """As in `kiosk doctor | head -1`."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, str(REPO / "main.py"), *command],
            env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (ends.UNREAD, "")


def test_a_reader_who_goes_in_the_middle_has_heard_the_beginning() -> None:
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)  # less than the list: the command waits for its reader
    command = [sys.executable, str(REPO / "main.py"), "catalogue", "check"]
    with subprocess.Popen(command, stdout=writer, stderr=subprocess.PIPE, text=True) as child:
        os.close(writer)
        assert os.read(reader, 4) == b"BD01"
        os.close(reader)
        try:
            _, complaint = child.communicate(timeout=60)
        finally:
            child.kill()
    assert (child.returncode, complaint) == (ends.UNREAD, "")


OTHER_PIPE = """
import main

def breaks(told):
    raise BrokenPipeError("a device")

main._done = breaks
main.main([])
"""


def test_another_pipe_that_breaks_is_no_quiet_end() -> None:
    command = [sys.executable, "-c", OTHER_PIPE]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and done.stderr.endswith("BrokenPipeError: a device\n")
