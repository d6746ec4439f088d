"""`python -m tests.bench.hall_client take|decode PORT COUNT`: the ingest's client with nothing behind it.

Prints messages a second and microseconds of processor time for each, from the first message to the last.
"""

from __future__ import annotations

import sys
import time

from hall.intake.ingest import IN_FLIGHT, MOST
from hall.intake.letters import Arrival, open_letter
from hall.intake.line import Line
from hall.settings import BrokerSettings
from tests.bench.hall_load import ALL


def main(how: str, port: int, count: int) -> None:
    """Take `count` messages and give them back their PUBACKs; `decode` opens them, too."""
    line = Line(BrokerSettings(port=port, client_id="client"), IN_FLIGHT, ("kt/1/nobody", b""))
    line.subscribe([ALL])
    came, begun, used = 0, 0.0, 0.0
    while came < count:
        publications = line.receive(MOST, patience=30.0)
        if not came:
            begun, used = time.perf_counter(), time.process_time()
        for one in publications:
            if how == "decode":
                open_letter(Arrival(one.mid, one.topic, one.payload, 0))
            line.puback(one.mid)
        line.flush()
        came += len(publications)
    seconds, spent = time.perf_counter() - begun, time.process_time() - used
    print(f"{count / seconds} {spent / count * 1e6}")
    line.goodbye()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
