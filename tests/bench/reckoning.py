"""`python -m tests.bench.reckoning [--write]`: what 80, 3 000 and 100 000 terminals need.

Reckoned from what was measured (docs/scaling.md has it); each line says from what.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence

from hall.fleet import voice
from mqtt.topics import TerminalPath
from tests.bench import scaling_page

SCALES = (80, 3_000, 100_000)
HEALTH_SECONDS = 60.0
MESSAGES_A_DAY = 200  # numbered ones of a terminal: forty visits
OPEN_HOURS = 8
PEAK = 2.0  # the busiest hour to the mean of the open hours
WORKING_DAYS = 250
MESSAGES_OF_A_VISIT = 5
CASES_A_DAY, RATINGS_A_YEAR = 14_000, 15_400_000  # a city's and a province's published volumes
OVERHEAD_BYTES = 120  # topic, MQTT, TCP and IP of one publication and its confirmation
NUMBERED_BYTES, ACK_BYTES = 420, 260
CORES = 2  # that the broker has for handshakes


def table(measured: Mapping[str, float]) -> str:
    """The reckoned table as the page has it. KeyError when a figure is missing."""
    lines = ["| | " + " | ".join(f"{scale:,}" for scale in SCALES) + " | from |", "|---|" + "---|" * 4]
    for what, values, source in _rows(measured):
        lines.append(f"| {what} | " + " | ".join(values) + f" | {source} |")
    return "\n".join([*lines, "", *_volumes(measured)])


def _rows(measured: Mapping[str, float]) -> Iterator[tuple[str, Sequence[str], str]]:
    def each(form: str, factor: float) -> list[str]:
        return [form.format(scale * factor) for scale in SCALES]

    health = 1 / HEALTH_SECONDS
    numbered = MESSAGES_A_DAY / (OPEN_HOURS * 3600) * PEAK
    alone = measured["fleet: ingest, of one core"] / 100 / measured["fleet: published"]
    together = measured["ingest on PostgreSQL: processor, each"] / 1e6 * numbered
    together += measured["health of ten devices on PostgreSQL: processor, each"] / 1e6 * health
    yearly = MESSAGES_A_DAY * WORKING_DAYS / 1e9
    handshake = measured["mTLS: processor of the broker for a handshake"] / 1000
    path = TerminalPath("sim", "h0000", "S000000")
    report = len(voice.health(path, 1, 1, 1, 0, 0)) + OVERHEAD_BYTES
    exchange = NUMBERED_BYTES + ACK_BYTES + 2 * OVERHEAD_BYTES
    yield "health reports", each("{:,.1f}/s", health), f"one in {HEALTH_SECONDS:.0f} s"
    yield (
        "numbered messages at the peak",
        each("{:,.1f}/s", numbered),
        f"{MESSAGES_A_DAY} a day in {OPEN_HOURS} h, × {PEAK:.0f}",
    )
    yield (
        "memory of the broker, plain",
        each("{:,.1f} MB", measured["fleet: memory of the broker for a connection"] / 1000),
        "measured each",
    )
    yield (
        "memory of the broker, mTLS",
        each("{:,.1f} MB", measured["mTLS: memory of the broker for a connection"] / 1000),
        "measured each",
    )
    yield "handshakes of all, processor", each("{:,.1f} s", handshake), "measured each"
    yield (
        "all back after a broker's restart, at least",
        each("{:,.1f} s", handshake / CORES),
        f"{CORES} cores, nothing else",
    )
    yield (
        "ingests, of one core, at most",
        each("{:,.1%}", alone * (health + numbered)),
        "the fleet's run: small batches",
    )
    yield (
        "ingests, of one core, at least",
        each("{:,.1%}", together),
        "a backlog: full batches",
    )
    yield (
        "store a year, SQLite",
        each("{:,.1f} GB", yearly * measured["store: a message in SQLite"]),
        f"{WORKING_DAYS} days",
    )
    yield (
        "store a year, PostgreSQL",
        each("{:,.1f} GB", yearly * measured["store: a message in PostgreSQL"]),
        f"{WORKING_DAYS} days",
    )
    yield (
        "network to the hall at the peak",
        each("{:,.2f} Mbit/s", (report * health + exchange * numbered) * 8 / 1e6),
        f"{report:,} and {exchange:,} bytes",
    )


def _volumes(measured: Mapping[str, float]) -> Iterator[str]:
    row = measured["store: a message in PostgreSQL"]
    cases = CASES_A_DAY * WORKING_DAYS * MESSAGES_OF_A_VISIT * row / 1e9
    ratings = RATINGS_A_YEAR * row / 1e9
    rate = RATINGS_A_YEAR / (WORKING_DAYS * OPEN_HOURS * 3600)
    yield (
        f"{CASES_A_DAY:,} cases a working day, each of {MESSAGES_OF_A_VISIT} messages, are {cases:,.1f} GB a "
        f"year in PostgreSQL; {RATINGS_A_YEAR:,} ratings a year are {ratings:,.1f} GB, and {rate:,.1f} a "
        "second of the open hours."
    )


def main(arguments: Sequence[str]) -> int:
    """Prints the table; with --write also puts it into the page."""
    text = scaling_page.PAGE.read_text(encoding="utf-8")
    reckoned = table(scaling_page.figures(text))
    print(reckoned)
    if "--write" in arguments:
        scaling_page.PAGE.write_text(
            scaling_page.replaced(text, scaling_page.RECKONED, reckoned), encoding="utf-8"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
