"""What Prometheus reads of the hall, and that dashboard and alerts ask for nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from config.faults import faults
from hall.data.desk_tables import commands, incidents, leases, uplink
from mqtt import messages as m
from tests.hall.doors import HERS, Doors, doors
from tests.hall.fleet import Speaker, health
from tests.peers.desk import token

ROOT = Path(__file__).parents[3]
RULES = yaml.safe_load((ROOT / "config/deploy/prometheus-rules.yml").read_text(encoding="utf-8"))
DASHBOARD = json.loads((ROOT / "config/deploy/grafana-hall.json").read_text(encoding="utf-8"))
Values = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with doors(tmp_path_factory.mktemp("metrics")) as running:
        yield running


def read(at: Doors) -> Values:
    """Every sample by name and labels, as a program of this computer gets them."""
    answer = httpx.get(f"{at.address}/metrics", trust_env=False, timeout=60)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def value(values: Values, name: str, **labels: str) -> float:
    return values[f"kt_hall_{name}", frozenset(labels.items())]


def test_the_numbers_are_those_of_the_store(at: Doors) -> None:
    with at.engine.begin() as tx:
        now = 1_700_000_000_000
        one = {"hall": "a/h", "code": "off", "open": True, "since": now}
        tx.execute(incidents.insert().values(**one, terminal="a/h/1", acknowledged=0))
        tx.execute(incidents.insert().values(**one, terminal="a/h/2", acknowledged=now))
        tx.execute(incidents.insert().values(**one | {"open": False}, terminal="a/h/3", acknowledged=0))
        tx.execute(
            commands.insert().values(id="c", terminal="a/h/1", arguments="{}", state="given", given=now)
        )
        tx.execute(uplink.insert().values(kind="case", key="k", body="{}", state="waiting", at=now))
        tx.execute(leases.insert().values(name="scheduler", holder="x", until=now * 2))
    values = read(at)
    hall = {"area": HERS, "hall": "donghu"}
    assert value(values, "terminals", **hall, state="online") == 5
    assert value(values, "terminals", **hall, state="off") == 1
    assert value(values, "terminals", area="330103", hall="beishan", state="online") == 0, "and no gap"
    assert value(values, "outbox_messages", **hall) == 2
    assert value(values, "faults_open", code="a4_jam", severity=faults()["a4_jam"].severity.value) == 1
    assert value(values, "incidents_open") == 2 and value(values, "incidents_unacknowledged") == 1
    assert value(values, "commands", state="given") == 1
    assert value(values, "commands_oldest_age_seconds") > 1000
    assert value(values, "uplink_waiting") == 1 and value(values, "uplink_oldest_age_seconds") > 1000
    assert value(values, "messages_refused", code="malformed") == 1 and value(values, "refused_hour") == 2
    assert value(values, "messages_settled_total", stream="tx") > 50
    assert value(values, "scheduler_working") == 1 and value(values, "store_bytes") > 100_000
    assert value(values, "desk_sessions") == 0
    with at.inside("officer"):
        assert value(read(at), "desk_sessions") == 1


def test_no_label_names_a_terminal_or_anybody_and_no_terminal_can_invent_one(at: Doors) -> None:
    speaker = Speaker(at.engine, f"{HERS}/donghu/K001", boot=90)
    speaker.say(m.TerminalState(True, 90), health(faults=["made_up_by_a_terminal", "another_word"]))
    values = read(at)
    labels = {pair for _, told in values for pair in told}
    assert {name for name, _ in labels} <= {"area", "hall", "state", "code", "severity", "stream", "version"}
    told = " ".join(value for _, value in labels)
    assert "K00" not in told and "officer" not in told and "made_up" not in told
    assert value(values, "faults_open", code="other", severity="warning") == 2


def test_from_elsewhere_one_shows_a_token_that_may_watch_everywhere(at: Doors) -> None:
    strange = {"Host": "desk.example"}
    with at.browser(**strange) as client:
        assert client.get("/metrics").status_code == 401, "a name that somebody made point here"
        assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 401
        assert client.get("/metrics", headers=token(at.settings, "watcher")).status_code == 403
        assert client.get("/metrics", headers=token(at.settings, "officer")).status_code == 200
    with at.browser() as client:
        assert client.get("/api/terminals").status_code == 401, "this computer may read numbers only"


def queries(tree: Any) -> list[str]:
    """Every `expr` in a dashboard or a file of rules."""
    if isinstance(tree, dict):
        own = [tree["expr"]] if isinstance(tree.get("expr"), str) else []
        return own + [found for part in tree.values() for found in queries(part)]
    return [found for part in tree for found in queries(part)] if isinstance(tree, list) else []


def test_dashboard_and_alerts_ask_for_what_is_there_and_for_all_of_it(at: Doors) -> None:
    there = {name for name, _ in read(at)}
    asked: set[str] = set()
    for what in (DASHBOARD, RULES):
        found = queries(what)
        assert len(found) > 10
        for query in found:
            assert query.count("(") == query.count(")") and query.count("{") == query.count("}"), query
            asked |= set(re.findall(r"kt_hall_\w+", query))
            for label in re.findall(r"[{,](\w+)=~?\"", query):
                assert label in {"area", "state", "severity", "job"}, query
    assert asked == there, "what nobody asks for is not told; what is not told nobody asks for"


def test_each_alert_says_when_how_urgent_and_what_to_do() -> None:
    text = (ROOT / "docs/hall.md").read_text(encoding="utf-8")
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    chapters = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
    rules = [rule for group in RULES["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert re.fullmatch(r"\d+[mh]", rule["for"]), rule["alert"]
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"] and rule["annotations"]["description"].endswith(".")
        page, _, chapter = rule["annotations"]["runbook"].partition("#")
        assert page == "docs/hall.md" and chapter in chapters, rule["alert"]


def test_the_dashboards_panels_stand_side_by_side_and_know_their_source() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) > 10
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        grid = panel["gridPos"]
        assert grid["x"] + grid["w"] <= 24, panel["title"]
        cells = {
            (x, y)
            for x in range(grid["x"], grid["x"] + grid["w"])
            for y in range(grid["y"], grid["y"] + grid["h"])
        }
        assert not taken & cells, panel["title"]
        taken |= cells
        assert panel["datasource"]["uid"] == "${datasource}"
    assert [one["name"] for one in DASHBOARD["templating"]["list"]] == ["datasource", "area"]
