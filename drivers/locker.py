"""A locker: compartments whose locks a row of boards opens, on one serial line (RS-485) or TCP gateway.

Answers name board and lock, so a late one can only be taken for the same question's. At each verb's
beginning, and after any trouble, the board is therefore fenced: it is asked for a door that it owes no answer
about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from config.devices import Availability, DeviceState
from drivers import locker_frames
from drivers.device import Deadline, DeviceError, check_seconds
from drivers.locker_frames import ALL, OPEN, READ, Reply, ReplyParser
from drivers.wire import Wire, check_port, drain, open_wire

QUIET = 0.03  # seconds without a byte after which the line is taken to be empty
MOST_LOCKS = 50  # of one board


class Door(StrEnum):
    """What the contact of a compartment's door says."""

    OPEN = "open"
    CLOSED = "closed"


class Locker:
    """The boards on `port`. `locks`: how many each has, in the order of their addresses 1, 2, …

    Compartments are counted through: with `locks = [24, 12]`, 25 is the first lock of board 2. `closed_is`:
    17 (11 hex) or 0, the state of a closed door, which depends on the wiring. `timeout`: seconds for an
    answer; `open_timeout`: until the board tells that a lock has been opened.
    """

    def __init__(
        self,
        *,
        port: str,
        baud: int = 9600,
        locks: Sequence[int] = (24,),
        closed_is: int = locker_frames.ON,
        timeout: float = 0.5,
        open_timeout: float = 2.0,
    ) -> None:
        check_seconds(timeout=timeout, open_timeout=open_timeout)
        if not 1 <= len(locks) <= 32 or not all(2 <= number <= MOST_LOCKS for number in locks):
            raise ValueError(f"locks are 2–{MOST_LOCKS} for each of up to 32 boards")
        if closed_is not in (locker_frames.ON, locker_frames.OFF):
            raise ValueError("closed_is must be 17 (hexadecimal 11) or 0")
        check_port(port, baud)
        self._port, self._baud, self._locks = port, baud, tuple(locks)
        self._closed_is = closed_is == locker_frames.ON
        self._timeout, self._open_timeout = timeout, open_timeout
        self._wire: Wire | None = None
        self._parser = ReplyParser()
        self._owed: dict[int, set[int]] = {}  # board → locks (ALL: all) whose answer has not come
        self._openings = 0

    # ── the contract ────────────────────────────────────────────────────────
    def open(self) -> None:
        """Takes the line. DeviceError `device_absent`. Asks nothing."""
        self.close()
        self._wire = open_wire(self._port, Deadline(max(self._timeout, 1.0)), baud=self._baud)
        self._owe_all()

    def close(self) -> None:
        """Lets the line go; may be called twice; never raises."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()
        self._parser.clear()

    def status(self) -> DeviceState:
        """Asks every board for its doors.

        DeviceError `device_timeout`, `device_garbled`, `device_offline` (lost).
        """
        self._all()
        return DeviceState(Availability.ONLINE)

    def reset(self) -> None:
        """Nothing is opened or shut; what is still on its way meets no later question."""
        self._owe_all()

    def counts(self) -> Mapping[str, int]:
        """`pulses`: how often a door was opened."""
        return {"pulses": self._openings}

    # ── verbs ───────────────────────────────────────────────────────────────
    def open_door(self, compartment: int) -> None:
        """Opens one door and waits until the board has told that it is open.

        DeviceError `locker_not_opened` when it tells that it is not (jammed, or held shut),
        `device_misconfigured` for a compartment that there is not; as `status`.
        """
        board, lock = self._place(compartment)
        self._owe(board, lock)
        request = locker_frames.open_lock(board, lock)
        reply = self._ask(OPEN, board, lock, request, self._open_timeout)
        if self._door(reply.states[0]) is Door.CLOSED:
            raise DeviceError("locker_not_opened", f"compartment {compartment}")
        self._openings += 1

    def door_state(self, compartment: int) -> Door:
        """Open or closed. DeviceError as `open_door`."""
        board, lock = self._place(compartment)
        self._owe(board, lock)
        request = locker_frames.read_lock(board, lock)
        return self._door(self._ask(READ, board, lock, request, self._timeout).states[0])

    def all_states(self) -> Mapping[int, Door]:
        """Every compartment's door. DeviceError as `status`."""
        for board in range(1, len(self._locks) + 1):
            self._owe(board, ALL)
        return self._all()

    def _all(self) -> Mapping[int, Door]:
        doors: dict[int, Door] = {}
        for board, locks in enumerate(self._locks, 1):
            request = locker_frames.read_lock(board, ALL)
            reply = self._ask(READ, board, ALL, request, self._timeout)
            for state in reply.states[:locks]:
                doors[len(doors) + 1] = self._door(state)
        return doors

    # ── questions and answers ───────────────────────────────────────────────
    def _ask(self, head: int, board: int, lock: int, request: bytes, seconds: float) -> Reply:
        if self._owed.get(board):
            self._fence(board)
        return self._exchange(head, board, lock, request, Deadline(seconds))

    def _fence(self, board: int) -> None:
        """Empties the line, then asks for a door that nothing is owed about: its answer is the last."""
        deadline, owed = Deadline(self._timeout), self._owed[board]
        drain(self._line(), QUIET, deadline)
        free = set(range(1, self._locks[board - 1] + 1)) - owed
        if not free:  # it has been silent for so long that nothing old can come
            owed.clear()
            free = {1}
        lock = min(free)
        self._exchange(READ, board, lock, locker_frames.read_lock(board, lock), deadline)

    def _exchange(self, head: int, board: int, lock: int, request: bytes, deadline: Deadline) -> Reply:
        """Sends and waits for the answer of this board about this lock; others are not for us."""
        wide = locker_frames.status_bytes(self._locks[board - 1]) if lock == ALL else 0
        self._parser.clear()
        wire, heard = self._line(), 0
        self._owe(board, lock)
        wire.write(request, deadline)
        while True:
            data = wire.read(deadline)
            heard += len(data)
            self._parser.feed(data)
            while (reply := self._parser.take(wide)) is not None:
                if (reply.head, reply.board, reply.lock) == (head, board, lock):
                    self._owed[board].clear()
                    return reply
            if deadline.left <= 0:  # even if it still talks: a line that babbles never falls quiet
                code = "device_garbled" if heard else "device_timeout"
                raise DeviceError(code, f"board {board}, lock {lock}: {heard} bytes and no answer")

    def _owe(self, board: int, lock: int) -> None:
        self._owed.setdefault(board, set()).add(lock)

    def _owe_all(self) -> None:
        """It is not known what was asked before."""
        for board in range(1, len(self._locks) + 1):
            self._owe(board, ALL)

    def _place(self, compartment: int) -> tuple[int, int]:
        left = compartment
        for board, locks in enumerate(self._locks, 1):
            if 1 <= left <= locks:
                return board, left
            left -= locks
        raise DeviceError("device_misconfigured", f"there is no compartment {compartment}")

    def _door(self, state: bool) -> Door:
        return Door.CLOSED if state == self._closed_is else Door.OPEN

    def _line(self) -> Wire:
        if self._wire is None:
            raise DeviceError("device_offline", "not open", lost=True)
        return self._wire
