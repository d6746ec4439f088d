"""What a program says on its standard output and error, while whoever reads it may go at any moment.

A closed pipe is no fault of the program: a log line that nobody reads is lost and no thread dies of it; a
command whose list nobody reads any more ends, as any command does (`yes | head -1`).
"""

from __future__ import annotations

import errno
import os
import select
import sys
import threading
from typing import Literal, TextIO


class LogLines:
    """A structlog logger that writes each event, already a line, to stdout or stderr in one piece.

    The stream is whatever `sys` has when a line is said. Never raises for a stream that takes no more.
    """

    def __init__(self, stream: Literal["stdout", "stderr"]) -> None:
        self._stream = stream
        self._one_at_a_time = threading.Lock()

    def msg(self, line: str) -> None:
        """Says one line."""
        with self._one_at_a_time:
            say(line, getattr(sys, self._stream))

    log = debug = info = warn = warning = error = critical = exception = fatal = msg


def say(line: str, stream: TextIO | None = None) -> None:
    """One line (to stdout) in one piece, since other threads speak meanwhile; lost where it is not taken."""
    stream = stream or sys.stdout
    try:
        stream.write(line + "\n")
        stream.flush()
    except OSError as why:
        if why.errno == errno.EPIPE:
            speak_to_nobody(stream)
    except ValueError:  # the stream is closed: the program is ending
        pass


def unread(stream: TextIO) -> bool:
    """Whether this is a pipe or socket whose reader has gone."""
    asked = select.poll()
    try:
        asked.register(stream.fileno(), 0)
    except (OSError, ValueError):  # no file behind it, or closed
        return False
    return any(told & (select.POLLERR | select.POLLHUP) for _, told in asked.poll(0))


def speak_to_nobody(stream: TextIO) -> None:
    """From here on what is said there goes nowhere: also what still waits in its buffer, which would
    otherwise turn the program's exit code into 120 when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    finally:
        os.close(nowhere)
