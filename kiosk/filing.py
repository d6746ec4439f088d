"""Filing a case: intend, do, record, tell.

The record is committed before the first byte leaves, and the same key is never
filed twice. Where no answer came, the platform is asked by key; where it never
saw the key, the key is withdrawn, so that a late arrival is refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

import structlog

from config.identifiers import uuid7
from config.platform_api import CaseResult, Submission, Supplement
from kiosk.data.ledger import Ledger, OpenRecord
from kiosk.platform import Platform, PlatformError
from mqtt.messages import CaseFiled

SUPPLEMENT = "supplement"  # in `document` of a record: papers of a case that was filed before
Send = Callable[[], Awaitable[CaseResult]]
ASK_AGAIN = (0.5, 1.0, 2.0, 4.0)  # seconds between questions by key while the citizen waits
_log = structlog.get_logger("kiosk.filing")


async def file_case(
    platform: Platform, ledger: Ledger, session: str, submission: Submission, key: str = ""
) -> CaseResult:
    """Files the submission and returns what became of it. The key is made when it is empty.

    Raises PlatformError: `platform_down` or `platform_refused` when nothing was
    filed, `platform_unclear` when that is not known yet (the record stays open).
    """
    key = key or uuid7()
    with ledger.holding(key):
        record = await ledger.intend(
            "submission", key, session, submission.service, signature=submission.signature
        )
        return await _once(platform, ledger, record, lambda: platform.submit(key, submission))


async def file_supplement(
    platform: Platform, ledger: Ledger, session: str, service: str, case_no: str, brought: Supplement
) -> CaseResult:
    """Brings papers of a case, as carefully as a case is filed; raises the same."""
    key = uuid7()
    with ledger.holding(key):
        record = await ledger.intend("submission", key, session, service, SUPPLEMENT)
        return await _once(platform, ledger, record, lambda: platform.supplement(key, case_no, brought))


async def _once(platform: Platform, ledger: Ledger, record: OpenRecord, send: Send) -> CaseResult:
    if not await _reachable(platform):
        await ledger.advance(record, "failed", None)  # given up before its first byte: nothing to tell
        raise PlatformError("platform_down")
    await ledger.sent(record)
    try:
        case = await send()
    except PlatformError as error:
        if error.code == "platform_refused":
            await _closed(ledger, record, "refused", code=error.reason)
            raise
        return await _settle(platform, ledger, record, send)
    await _record_case(ledger, record, case)
    return case


async def resolve(platform: Platform, ledger: Ledger, record: OpenRecord) -> bool:
    """Settles a submission left open by a crash or a lost answer. False: the platform does not answer.

    The citizen has gone without a confirmation, so what never arrived is not filed behind his back.
    """
    if record.state == "intended":
        await ledger.advance(record, "failed", None)
        return True
    try:
        case = await platform.case_by_key(record.key) or await platform.withdraw(record.key)
    except PlatformError as error:
        _log.info("submission still open", record=record.id, code=error.code)
        return False
    if case is None:
        await _closed(ledger, record, "refused", code="never_arrived")
    else:
        await _record_case(ledger, record, case)
    return True


async def _settle(platform: Platform, ledger: Ledger, record: OpenRecord, send: Send) -> CaseResult:
    """Asks by key; sends again under the same key, which the platform files at most once."""
    for wait in ASK_AGAIN:
        await asyncio.sleep(wait)
        try:
            case = await platform.case_by_key(record.key)
        except PlatformError:
            continue  # whatever it says to the question, the submission may have arrived
        try:
            case = case or await send()
        except PlatformError as error:
            if error.code == "platform_refused":
                await _closed(ledger, record, "refused", code=error.reason)
                raise
            continue
        await _record_case(ledger, record, case)
        return case
    await ledger.advance(record, "unknown", None)
    raise PlatformError("platform_unclear")


async def _reachable(platform: Platform) -> bool:
    try:
        return (await platform.health()).open
    except PlatformError:
        return False


async def _record_case(ledger: Ledger, record: OpenRecord, case: CaseResult) -> None:
    await _closed(ledger, record, case.state, case_no=case.case_no)


async def _closed(
    ledger: Ledger,
    record: OpenRecord,
    state: Literal["accepted", "refused"],
    *,
    case_no: str = "",
    code: str = "",
) -> None:
    message = CaseFiled(
        session=record.session,
        service=record.service,
        key=record.key,
        state=state,
        case_no=case_no,
        code=code,
    )
    # Papers brought later are no case of their own: the hall would count it twice.
    await ledger.advance(record, state, None if record.document == SUPPLEMENT else message)
