"""The client of the acceptance system, over HTTP.

Every call has a time-out. An error is a `PlatformError`: `platform_refused`
when it said no, `platform_down` when nothing can have happened there, and
`platform_unclear` when a submission may or may not have arrived.
"""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from config.identity_api import (
    AppCode,
    AppHolder,
    Authorisation,
    Authorisations,
    CodeCheck,
    CodeResult,
    CodeSent,
    ECertificates,
    IdentityClaim,
    NewAuthorisation,
    Principal,
    StaffCheck,
    Subject,
)
from config.phone_api import HandedOver, HandOver, HandOverCode, UploadCode, Uploaded, UploadRequest
from config.platform_api import (
    CaseResult,
    Correction,
    FormData,
    MaterialsKnown,
    MaterialStored,
    OpenCases,
    Order,
    OrderRequest,
    PlatformHealth,
    Price,
    Query,
    QueryResult,
    Refusal,
    Submission,
    Supplement,
    TicketFiled,
)
from config.rating_api import NewRating, Rateable, Rateables, RatingKept
from config.settings import PlatformSettings
from config.words import Words

Model = TypeVar("Model", bound=BaseModel)


class PlatformError(Exception):
    """The platform did not do it. `code` is of faults.toml, `reason` its own code, `words` its own words."""

    def __init__(self, code: str, reason: str = "", words: Words | None = None) -> None:
        super().__init__(f"{code}: {reason}" if reason else code)
        self.code = code
        self.reason = reason
        self.words = words


class Platform:
    """The acceptance system as the terminal sees it. Close it with `close()`."""

    def __init__(self, settings: PlatformSettings) -> None:
        self._client = httpx.AsyncClient(
            base_url=settings.url,
            timeout=settings.timeout_seconds,
            headers={"Authorization": f"Bearer {settings.token}"},
            trust_env=False,
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def health(self) -> PlatformHealth:
        """Is the back office open?"""
        return _read(await self._call("GET", "/v1/health"), PlatformHealth)

    async def identify(self, claim: IdentityClaim) -> Subject:
        """An opaque handle for the card's holder."""
        return _read(await self._call("POST", "/v1/identity", claim), Subject)

    async def photograph(self, subject: str) -> bytes | None:
        """The holder's photograph (JPEG), None when there is none."""
        answer = await self._call("GET", f"/v1/identity/{subject}/photograph", missing=True)
        return None if answer.status_code == 404 else answer.content

    async def send_code(self, subject: str) -> CodeSent:
        """Has a code sent to the holder's phone."""
        return _read(await self._call("POST", f"/v1/identity/{subject}/codes"), CodeSent)

    async def check_code(self, subject: str, code: str) -> CodeResult:
        """Is this the code that was sent?"""
        body = CodeCheck(code=code)
        return _read(await self._call("POST", f"/v1/identity/{subject}/codes/check", body), CodeResult)

    async def identify_by_app(self, code: str) -> AppHolder:
        """Whose app shows this code, which is used up."""
        return _read(await self._call("POST", "/v1/identity/app", AppCode(code=code)), AppHolder)

    async def check_staff(self, subject: str, staff: str, pin: str) -> CodeResult:
        """Staff have looked at the holder: is it they?"""
        body = StaffCheck(staff=staff, pin=pin)
        return _read(await self._call("POST", f"/v1/identity/{subject}/staff", body), CodeResult)

    async def authorisations(self, agent: str, service: str) -> Authorisations:
        """For whom an agent may act in this service today."""
        query = {"agent": agent, "service": service}
        return _read(await self._call("GET", "/v1/authorisations", query=query), Authorisations)

    async def authorise(self, new: NewAuthorisation) -> Authorisation:
        """The principal lets the agent act."""
        return _read(await self._call("POST", "/v1/authorisations", new), Authorisation)

    async def act_for(self, authorisation: str, agent: str) -> Principal:
        """For whom the agent acts now."""
        path = f"/v1/authorisations/{authorisation}/subject"
        return _read(await self._call("POST", path, query={"agent": agent}), Principal)

    async def certificates(self, subject: str) -> ECertificates:
        """The holder's e-certificates, the soonest to expire first."""
        return _read(await self._call("GET", "/v1/certificates", query={"subject": subject}), ECertificates)

    async def form(self, service: str, subject: str | None) -> FormData:
        """What is already known for a form."""
        parameters = {"subject": subject} if subject else {}
        return _read(await self._call("GET", f"/v1/services/{service}/form", query=parameters), FormData)

    async def price(self, query: Query) -> int:
        """What a service that is priced by a field costs with this form, in fen."""
        return _read(await self._call("POST", f"/v1/services/{query.service}/price", query), Price).fen

    async def ask(self, query: Query) -> QueryResult:
        """Asks a question that changes nothing."""
        return _read(await self._call("POST", "/v1/queries", query), QueryResult)

    async def store_material(self, subject: str | None, page: bytes) -> str:
        """Leaves a page (JPEG) for a submission that will name it; its handle."""
        parameters = {"subject": subject} if subject else {}
        answer = await self._call("POST", "/v1/materials", query=parameters, picture=page)
        return _read(answer, MaterialStored).material

    async def submit(self, key: str, submission: Submission) -> CaseResult:
        """Files a case once per key. `platform_unclear` when the answer did not come."""
        return await self._file("/v1/cases", key, submission)

    async def supplement(self, key: str, case_no: str, brought: Supplement) -> CaseResult:
        """Brings papers of a case once per key. `platform_unclear` when the answer did not come."""
        return await self._file(f"/v1/cases/{quote(case_no, safe='')}/supplements", key, brought)

    async def open_cases(self, subject: str) -> OpenCases:
        """The holder's cases that still lack papers."""
        return _read(await self._call("GET", "/v1/cases/open", query={"subject": subject}), OpenCases)

    async def hand_over(self, form: HandOver) -> HandOverCode:
        """A code by which the phone goes on with a form."""
        return _read(await self._call("POST", "/v1/handovers", form), HandOverCode)

    async def handed_over(self, code: str, subject: str | None = None) -> HandedOver:
        """What a phone began. Only its service, until it is asked for by whoever began it: then once, all."""
        query = {"subject": subject} if subject else {}
        return _read(
            await self._call("GET", f"/v1/handovers/{quote(code, safe='')}", query=query), HandedOver
        )

    async def _file(self, path: str, key: str, body: BaseModel) -> CaseResult:
        try:
            answer = await self._client.post(
                path,
                content=body.model_dump_json(),
                headers={"Idempotency-Key": key, "Content-Type": "application/json"},
            )
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise PlatformError("platform_down", "no connection") from None
        except httpx.HTTPError as error:
            raise PlatformError("platform_unclear", type(error).__name__) from None
        if answer.status_code >= 500:
            raise PlatformError("platform_unclear", str(answer.status_code))
        _refuse(answer)
        try:
            return _read(answer, CaseResult)
        except PlatformError:  # it said yes in words we cannot read: certainly not "nothing was filed"
            raise PlatformError("platform_unclear", "unreadable answer") from None

    async def case_by_key(self, key: str) -> CaseResult | None:
        """What became of a submission; None when the platform never saw the key."""
        answer = await self._call("GET", f"/v1/cases/by-key/{key}", missing=True)
        return None if answer.status_code == 404 else _read(answer, CaseResult)

    async def withdraw(self, key: str) -> CaseResult | None:
        """Closes a key whose submission never got an answer.

        The case, when it had arrived after all; else None, and from now on a
        late arrival under this key is refused.
        """
        answer = await self._call("POST", f"/v1/cases/by-key/{key}/withdraw")
        return None if answer.status_code == 204 else _read(answer, CaseResult)

    async def materials_known(self, query: Query) -> MaterialsKnown:
        """The ways by which each material of a service may be had by this citizen."""
        path = f"/v1/services/{query.service}/materials"
        return _read(await self._call("POST", path, query), MaterialsKnown)

    async def correct(self, key: str, correction: Correction) -> TicketFiled:
        """Says that what an office holds is wrong, once per key."""
        return _read(await self._call("POST", "/v1/corrections", correction, key=key), TicketFiled)

    async def upload_code(self, wanted: UploadRequest) -> UploadCode:
        """A code for a phone that is to send pages."""
        return _read(await self._call("POST", "/v1/uploads", wanted), UploadCode)

    async def uploaded(self, code: str, subject: str | None) -> Uploaded:
        """The pages that have come from the phone so far."""
        query = {"subject": subject} if subject else {}
        return _read(await self._call("GET", f"/v1/uploads/{code}", query=query), Uploaded)

    async def rate(self, rating: NewRating) -> RatingKept:
        """Keeps a rating. Refused RATED when another one was given before."""
        return _read(await self._call("POST", "/v1/ratings", rating), RatingKept)

    async def my_rateables(self, subject: str) -> tuple[Rateable, ...]:
        """One's own cases that may be rated or given a follow-up, the newest first."""
        answer = await self._call("GET", "/v1/ratings/open", query={"subject": subject})
        return _read(answer, Rateables).items

    async def rateable(self, case_no: str) -> Rateable:
        """The case of a receipt, if it may be rated; else refused."""
        return _read(await self._call("GET", f"/v1/ratings/cases/{quote(case_no, safe='')}"), Rateable)

    async def create_order(self, key: str, order: OrderRequest) -> Order:
        """Opens an order once per key."""
        return _read(await self._call("POST", "/v1/orders", order, key=key), Order)

    async def order_by_key(self, key: str) -> Order | None:
        """How an order stands; None when the platform never saw the key."""
        answer = await self._call("GET", f"/v1/orders/by-key/{key}", missing=True)
        return None if answer.status_code == 404 else _read(answer, Order)

    async def close_order(self, key: str) -> Order | None:
        """Nobody can pay it from now on; it may be paid already. None: never seen, and never opened later."""
        answer = await self._call("POST", f"/v1/orders/by-key/{key}/close")
        return None if answer.status_code == 204 else _read(answer, Order)

    async def refund_order(self, key: str) -> Order:
        """Gives the money back, once. Refused ORDER_USED when a case was accepted on it."""
        return _read(await self._call("POST", f"/v1/orders/by-key/{key}/refund"), Order)

    async def document(self, handle: str) -> bytes:
        """A document's sealed bytes, unchanged."""
        return (await self._call("GET", f"/v1/documents/{handle}")).content

    async def _call(
        self,
        method: str,
        path: str,
        body: BaseModel | None = None,
        *,
        query: dict[str, str] | None = None,
        missing: bool = False,
        key: str = "",
        picture: bytes = b"",
    ) -> httpx.Response:
        content = body.model_dump_json().encode() if body is not None else picture
        headers = {"Content-Type": "image/jpeg" if picture else "application/json"} if content else {}
        if key:
            headers["Idempotency-Key"] = key
        try:
            answer = await self._client.request(
                method, path, content=content, headers=headers, params=query or {}
            )
        except httpx.HTTPError as error:
            raise PlatformError("platform_down", type(error).__name__) from None
        if answer.status_code >= 500:
            raise PlatformError("platform_down", str(answer.status_code))
        if not (missing and answer.status_code == 404):
            _refuse(answer)
        return answer


def _refuse(answer: httpx.Response) -> None:
    """Raises `platform_refused` with the platform's own code and words when it said no."""
    if answer.status_code < 400:
        return
    try:
        refusal = Refusal.model_validate_json(answer.content)
    except ValidationError:
        raise PlatformError("platform_refused", str(answer.status_code)) from None
    raise PlatformError("platform_refused", refusal.code, refusal.message)


def _read(answer: httpx.Response, model: type[Model]) -> Model:
    try:
        return model.model_validate_json(answer.content)
    except ValidationError:  # the error would quote the body, which may be personal
        raise PlatformError("platform_down", f"unreadable {model.__name__}") from None
