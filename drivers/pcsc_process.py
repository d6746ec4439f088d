"""A program of its own that speaks PC/SC for `pcsc_wire.py`: one question a line, one answer a line, as JSON.

It is a process and not a call, because SCardTransmit returns when card and reader please, and nothing but
the end of its process cuts it short (docs/decisions/014). It imports nothing of the house and knows no
time-outs: whoever asked kills it. When the asker is gone, so is it.

    {"do": "readers"}                                         → {"readers": [name, …]}
    {"do": "change", "reader": …, "state": …, "seconds": …}   → {"state": event state once it differs}
    {"do": "connect", "reader": …}                            → {"atr": hex}
    {"do": "transmit", "apdu": hex}                           → {"answer": hex}
    {"do": "disconnect"}                                      → {}

An answer may be {"error": PC/SC code, "doing": function} instead, or {"missing": why} without pyscard.
"""

from __future__ import annotations

import json
import os
import queue
import resource
import sys
import threading
from typing import Any

try:
    from smartcard import scard
except ImportError as reason:
    print(json.dumps({"missing": str(reason)}), flush=True)
    raise SystemExit(1) from None

_TIMED_OUT = 0x8010000A
_INTERNAL = 0x80100001


class _PcscError(Exception):
    """A PC/SC function said no."""

    def __init__(self, code: int, doing: str) -> None:
        super().__init__(doing)
        self.code, self.doing = code & 0xFFFFFFFF, doing


class _Session:
    """The context, and the card once it is connected."""

    def __init__(self) -> None:
        self._context: Any = None
        self._card: Any = None
        self._protocol: Any = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        match request["do"]:
            case "readers":
                return {"readers": self._readers()}
            case "change":
                return {"state": self._change(request["reader"], request["state"], request["seconds"])}
            case "connect":
                return {"atr": self._connect(request["reader"]).hex()}
            case "transmit":
                return {"answer": self._transmit(bytes.fromhex(request["apdu"])).hex()}
            case "disconnect":
                self._disconnect()
        return {}

    def _establish(self) -> Any:
        if self._context is None:
            code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
            _check(code, "SCardEstablishContext")
            self._context = context
        return self._context

    def _readers(self) -> list[str]:
        code, readers = scard.SCardListReaders(self._establish(), [])
        _check(code, "SCardListReaders")
        return list(readers)

    def _change(self, reader: str, state: int, seconds: float) -> int:
        watched = [(reader, state)]
        code, states = scard.SCardGetStatusChange(self._establish(), round(seconds * 1000), watched)
        if code & 0xFFFFFFFF == _TIMED_OUT:
            return state
        _check(code, "SCardGetStatusChange")
        return int(states[0][1])

    def _connect(self, reader: str) -> bytes:
        self._disconnect()
        either = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        code, card, protocol = scard.SCardConnect(self._establish(), reader, scard.SCARD_SHARE_SHARED, either)
        _check(code, "SCardConnect")
        self._card, self._protocol = card, protocol
        code, _, _, _, atr = scard.SCardStatus(card)
        _check(code, "SCardStatus")
        return bytes(atr)

    def _transmit(self, apdu: bytes) -> bytes:
        t1 = self._protocol == scard.SCARD_PROTOCOL_T1
        header = scard.SCARD_PCI_T1 if t1 else scard.SCARD_PCI_T0
        code, answer = scard.SCardTransmit(self._card, header, list(apdu))
        _check(code, "SCardTransmit")
        return bytes(byte & 0xFF for byte in answer)

    def _disconnect(self) -> None:
        """The daemon powers the card down by itself, a few seconds after nobody uses it.

        Not here: when the card is being pulled, a power-down fails, and pcscd 1.9 then takes the slot for
        empty even with the next card in it.
        """
        card, self._card = self._card, None
        if card is not None:
            scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)


def _check(code: int, doing: str) -> None:
    if code != scard.SCARD_S_SUCCESS:
        raise _PcscError(code, doing)


def _listen(requests: queue.SimpleQueue[dict[str, Any]]) -> None:
    for line in sys.stdin:
        requests.put(json.loads(line))
    os._exit(0)  # the asker has gone, even if a card holds the other thread


def main() -> None:
    """Answers until standard input ends."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash must not leave somebody's card on the disk
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    session = _Session()
    while True:
        try:
            answer = session.answer(requests.get())
        except _PcscError as error:
            answer = {"error": error.code, "doing": error.doing}
        except Exception as error:  # SystemError of the bindings; its text is not ours to repeat
            answer = {"error": _INTERNAL, "doing": type(error).__name__}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
