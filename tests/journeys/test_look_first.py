"""What an office holds is looked at before it is printed; whoever has nothing there is told where to go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.platform_api import QueryResult, Referral, ResultTable
from config.words import same
from hall.platform import handlers
from hall.platform.demo_seal import open_seal
from hall.platform.office import Asking, Handler, take_in
from kiosk import prompts as p
from kiosk.prompts import Chosen
from kiosk.stage import GoBack
from tests.hall.platform.paper_service import SERVICE, lay_down
from tests.journeys.counter import Counter, open_counter
from tests.journeys.counter_stage import Row
from tests.journeys.test_papers_brought import in_turn, pages

ID = "SB94"
ARCHIVE = Referral(what=same("单位盖章的工作证明"), where=same("档案馆二楼 6 号窗"), phone="0571-12345")


def _answers(asking: Asking) -> QueryResult:
    """The insured are on record; of whoever is not, the archive may know."""
    if asking.person is None or not asking.person.insurance:
        return QueryResult(found=False, title=same("查无记录"), referral=ARCHIVE)
    heads, row = (same("年度"), same("单位"), same("诊断")), (same("2025"), same("云杉"), same("感冒"))
    return QueryResult(
        found=True, title=same("您的记录"), table=ResultTable(heads=heads, rows=(row,), hidden=(2,))
    )


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    folder = tmp_path_factory.mktemp("look")
    authority = folder / "authority"
    authority.mkdir()
    open_seal(authority)
    head, _, rest = SERVICE.partition("[[fields]]")
    outputs = rest[rest.index("[[outputs]]") :]
    service = head.replace('"SB93"', f'"{ID}"\nlook = true') + outputs
    services = lay_down(folder / "services", service)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(handlers._HANDLERS, ID, Handler(answers=_answers, decides=take_in))
        with open_counter(folder / "counter", authority, folders=(services,)) as one:
            yield one


def test_a_record_is_looked_at_and_then_filed(counter: Counter) -> None:
    """Back from the table nothing is filed; the second look leads on to the confirmation."""
    seen = counter.serve(Row(ID, "zhang", ways={p.ShowTable: in_turn(GoBack(), Chosen("go_on"))}))
    first, second = pages(seen, p.ShowTable)
    assert first == second and first.hidden == (2,) and first.lines[0][0] == same("2025")
    names = [type(page).__name__ for page in seen.trail if not isinstance(page, p.Working)]
    assert names[names.index("ShowTable") :][:4] == ["ShowTable", "Guide", "ShowTable", "Confirm"]
    assert len(counter.rows("SELECT * FROM cases")) == 1


def test_whoever_has_no_record_takes_a_slip_that_says_what_where_and_whom_to_call(counter: Counter) -> None:
    seen = counter.serve(Row(ID, "sun"))
    (none,) = pages(seen, p.ShowResult)
    assert not none.good and [option.value for option in none.actions] == ["refer", "done"]
    assert seen.outcome == "referred" and seen.case is None
    for told in ("单位盖章的工作证明", "档案馆二楼6号窗", "0571-12345"):
        assert told in seen.slips[-1].replace(" ", "").replace("\n", "")
    asked = counter.serve(Row(ID, "sun", ways={p.ShowResult: Chosen("done")}))
    assert asked.outcome == "consulted" and not asked.slips
