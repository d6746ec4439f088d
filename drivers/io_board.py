"""The I/O board behind the panels: door contact, presence, tray, metal detector; guide lights; door strikes.

Modbus RTU over a serial line or a TCP gateway. Answers carry no number, so a late one could be taken for the
next question's. Therefore the line counts as *unsure* at each verb's beginning and after any trouble: before
the next question it is drained and fenced by asking for a coil (function 1), which nothing else here asks.

A strike that stays on burns its coil and leaves a door open. Whatever goes wrong, it is switched off: after
the pulse, and after each opening of the line before anything else is asked, since the program may have been
killed in the middle of one.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence

from config.devices import Availability, DeviceState
from drivers import modbus_rtu
from drivers.device import Deadline, DeviceError, check_seconds
from drivers.modbus_rtu import OFF, ON, Reply, ReplyParser
from drivers.wire import Wire, check_port, drain, open_wire

QUIET = 0.03  # seconds without a byte after which the line is taken to be empty
LONGEST_PULSE = 10.0  # seconds
SWITCHING_OFF = 3  # attempts: off is off, however often it is said
SELF_ENDING = 0x0200  # Waveshare's boards: coil address + this, value in tenths of a second (their wiki)
# What the contacts mean to those who mend the machine; others tell nothing that is wrong.
_FAULTS = {"cabinet_door": "io_cabinet_open", "metal_detector": "io_metal_detected"}


class IoBoard:
    """One board on `port`.

    `inputs`, `lights`, `strikes`: names with their addresses (inputs of function 2, coils of the others). An
    input is True when it is so: the door open, somebody there, something in the tray. `normally_closed`
    names the inputs whose contact opens then. `timeout`: seconds for any one answer. `board_ends_pulse`: it
    switches a strike off by itself, so that a cable pulled in between does no harm.
    """

    def __init__(
        self,
        *,
        port: str,
        baud: int = 9600,
        unit: int = 1,
        inputs: Mapping[str, int] = {},
        lights: Mapping[str, int] = {},
        strikes: Mapping[str, int] = {},
        normally_closed: Sequence[str] = (),
        board_ends_pulse: bool = False,
        timeout: float = 0.5,
    ) -> None:
        if not 1 <= unit <= 247:
            raise ValueError("unit must be 1–247")
        check_seconds(timeout=timeout)
        check_port(port, baud)
        _check_addresses(inputs, {**lights, **strikes}, len(lights) + len(strikes))
        if strange := sorted(set(normally_closed) - set(inputs)):
            raise ValueError(f"normally_closed names no input: {', '.join(strange)}")
        self._port, self._baud, self._unit, self._timeout = port, baud, unit, timeout
        self._inputs, self._lights, self._strikes = dict(inputs), dict(lights), dict(strikes)
        self._normally_closed, self._board_ends_pulse = frozenset(normally_closed), board_ends_pulse
        self._wire: Wire | None = None
        self._parser = ReplyParser()
        self._unsure = True
        self._maybe_on: set[str] = set()  # strikes that have not been seen to go off
        self._pulses = 0

    # ── the contract ────────────────────────────────────────────────────────
    def open(self) -> None:
        """Takes the line. DeviceError `device_absent`. Asks nothing."""
        self.close()
        self._wire = open_wire(self._port, Deadline(max(self._timeout, 1.0)), baud=self._baud)
        self._unsure = True
        self._maybe_on = set(self._strikes)

    def close(self) -> None:
        """Lets the line go; may be called twice; never raises."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()
        self._parser.clear()

    def status(self) -> DeviceState:
        """Reads the inputs. An open cabinet door or the metal detector is a fault of a board that works.

        DeviceError `device_timeout`, `device_garbled`, `device_offline` (lost), `io_refused`, `io_failed`.
        """
        self._strikes_off()
        if not self._inputs:
            self._fence(Deadline(self._timeout))
            return DeviceState(Availability.ONLINE)
        state = self._read_inputs()
        faults = tuple(code for name, code in _FAULTS.items() if state.get(name))
        return DeviceState(Availability.ONLINE, faults=faults)

    def reset(self) -> None:
        """Strikes and lights off. DeviceError as `status`."""
        self._maybe_on = set(self._strikes)
        self.all_dark()

    def counts(self) -> Mapping[str, int]:
        """`pulses`: how often a strike was opened."""
        return {"pulses": self._pulses}

    # ── verbs ───────────────────────────────────────────────────────────────
    def inputs(self) -> Mapping[str, bool]:
        """Each input by name, True when it is so. DeviceError as `status`."""
        self._begin()
        return self._read_inputs() if self._inputs else {}

    def _read_inputs(self) -> Mapping[str, bool]:
        first, last = min(self._inputs.values()), max(self._inputs.values())
        count = last - first + 1
        reply = self._ask(modbus_rtu.read_bits(self._unit, modbus_rtu.READ_INPUTS, first, count))
        states = modbus_rtu.bits(reply, count)
        return {
            name: states[address - first] != (name in self._normally_closed)
            for name, address in self._inputs.items()
        }

    def light(self, name: str, on: bool) -> None:
        """Switches one light. DeviceError `device_misconfigured` when it has no address; as `status`."""
        address = _address(self._lights, name)
        self._begin()
        self._switch(address, on)

    def light_only(self, name: str) -> None:
        """Lights this one and darkens the others; all dark when there is none of that name.

        DeviceError as `status`.
        """
        self._begin()
        for start, states in _runs({address: n == name for n, address in self._lights.items()}):
            self._confirmed(modbus_rtu.write_coils(self._unit, start, states))

    def all_dark(self) -> None:
        """Switches every light off. DeviceError as `status`."""
        self.light_only("")

    def open_strike(self, name: str, seconds: float = 1.0) -> None:
        """Opens a door strike for `seconds` (0–10]. Returns when it is shut again, or, where the board ends
        the pulse, as soon as it has begun.

        DeviceError `device_misconfigured` for another name or time, `io_strike_on` when the board did not
        say that it is off again; else as `status`.
        """
        address = _address(self._strikes, name)
        if not 0 < seconds <= LONGEST_PULSE:
            raise DeviceError("device_misconfigured", f"a pulse takes up to {LONGEST_PULSE:g} s")
        self._begin()
        if self._board_ends_pulse:
            tenths = max(1, round(seconds * 10))
            self._confirmed(modbus_rtu.write_coil(self._unit, SELF_ENDING + address, tenths))
            self._pulses += 1
            return
        self._maybe_on.add(name)
        try:
            self._switch(address, True)
            self._pulses += 1
            time.sleep(seconds)
        finally:
            self._surely_off(name)

    def _begin(self) -> None:
        """A verb is not content with what may be an answer of before; a poll (`status`) is."""
        self._unsure = True
        self._strikes_off()

    # ── strikes ─────────────────────────────────────────────────────────────
    def _strikes_off(self) -> None:
        """Switches off what may be on: after each opening all strikes, else none."""
        for name in sorted(self._maybe_on):
            self._switch(self._strikes[name], False)
            self._maybe_on.discard(name)

    def _surely_off(self, name: str) -> None:
        lost = False
        for _ in range(SWITCHING_OFF):
            try:
                return self._strikes_off()
            except DeviceError as error:
                lost = error.lost
        raise DeviceError("io_strike_on", name, lost=lost)

    # ── questions and answers ───────────────────────────────────────────────
    def _switch(self, address: int, on: bool) -> None:
        self._confirmed(modbus_rtu.write_coil(self._unit, address, ON if on else OFF))

    def _confirmed(self, request: bytes) -> None:
        """A write whose answer gives back address and value (or number)."""
        reply = self._ask(request)
        if reply.data != request[2:6]:
            self._unsure = True
            raise DeviceError("device_garbled", "the board confirms another question")

    def _ask(self, request: bytes) -> Reply:
        """One question and the answer to it, within the time-out. DeviceError also for a refusal."""
        deadline = Deadline(self._timeout)
        if self._unsure:
            self._fence(deadline)
        self._unsure = True  # until its answer is here
        reply = self._exchange(request, deadline)
        self._unsure = False
        if reply.exception:
            raise modbus_rtu.refusal(reply)
        return reply

    def _fence(self, deadline: Deadline) -> None:
        """Empties the line and asks for a coil: after the board's answer to that, nothing of before comes."""
        drain(self._line(), QUIET, deadline)
        address = min([*self._lights.values(), *self._strikes.values()], default=0)
        self._exchange(modbus_rtu.read_bits(self._unit, modbus_rtu.READ_COILS, address, 1), deadline)
        self._unsure = False

    def _exchange(self, request: bytes, deadline: Deadline) -> Reply:
        """Sends and waits for an answer of this board to this function; others are not for us."""
        self._parser.clear()
        wire, heard = self._line(), 0
        wire.write(request, deadline)
        while True:
            data = wire.read(deadline)
            heard += len(data)
            self._parser.feed(data)
            while (reply := self._parser.take()) is not None:
                if (reply.unit, reply.function) == (self._unit, request[1]):
                    return reply
            if deadline.left <= 0:  # even if it still talks: a line that babbles never falls quiet
                code = "device_garbled" if heard else "device_timeout"
                raise DeviceError(code, f"function {request[1]}: {heard} bytes and no answer")

    def _line(self) -> Wire:
        if self._wire is None:
            raise DeviceError("device_offline", "not open", lost=True)
        return self._wire


def _check_addresses(inputs: Mapping[str, int], coils: Mapping[str, int], names: int) -> None:
    for address in (*inputs.values(), *coils.values()):
        if isinstance(address, bool) or not isinstance(address, int) or not 0 <= address < SELF_ENDING:
            raise ValueError(f"address {address!r} is not 0–{SELF_ENDING - 1}")
    if len(set(coils.values())) != names:
        raise ValueError("two lights or strikes have the same name or address")


def _address(places: Mapping[str, int], name: str) -> int:
    if name not in places:
        raise DeviceError(
            "device_misconfigured", f"no {name}; there are {', '.join(sorted(places)) or 'none'}"
        )
    return places[name]


def _runs(coils: Mapping[int, bool]) -> Collection[tuple[int, list[bool]]]:
    """Neighbouring addresses together, so that no coil between them is touched: (first, states)."""
    runs: dict[int, list[bool]] = {}
    first = None
    for address in sorted(coils):
        if first is None or address != first + len(runs[first]):
            first = address
            runs[first] = []
        runs[first].append(coils[address])
    return runs.items()
