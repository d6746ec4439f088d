"""The outcome of a chaos run as a table that a person can read."""

from __future__ import annotations

from tests.chaos.run import Outcome

SHOWN = 20  # findings


def lines(outcome: Outcome) -> list[str]:
    """One line each, the verdict last."""
    plan = outcome.plan
    repeats = outcome.taken - outcome.rows - outcome.refused
    table = [
        ("database", plan.database),
        ("seed", f"{plan.seed} (CHAOS_SEED={plan.seed} repeats the plan)"),
        (
            "work",
            f"{plan.terminals} terminals × {plan.transactions} transactions, {len(plan.ingests)} ingests",
        ),
        ("kill -9", _counted(outcome.kills)),
        ("lines", _counted(outcome.lines)),
        ("messages", f"{outcome.rows} at the hall, {outcome.refused} refused as they should be"),
        ("sent", f"{outcome.published} times by the terminals"),
        ("repeats", f"{repeats} brought to an ingest once more than filed, and absorbed"),
        (
            "time",
            f"{outcome.worked:.0f} s of work, then {outcome.settled:.0f} s until nothing was left to send",
        ),
    ]
    told = [f"  {name:<9} {text}" for name, text in table]
    told += [f"  wrong     {finding}" for finding in outcome.findings[:SHOWN]]
    if len(outcome.findings) > SHOWN:
        told.append(f"            and {len(outcome.findings) - SHOWN} more")
    verdict = "nothing lost, nothing twice" if outcome.sound else f"{len(outcome.findings)} findings"
    return [*told, f"  VERDICT   {verdict}"]


def _counted(what: dict[str, int]) -> str:
    told = ", ".join(f"{number} {name}" for name, number in sorted(what.items()) if number)
    return f"{sum(what.values())}: {told}" if told else "none"
