"""What the reference platform is told."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config import people
from config.words import Words


class DepartmentSettings(BaseModel):
    """A department that decides these services in a system of its own (受办分离)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9-]{1,32}$")
    words: Words
    services: tuple[str, ...] = Field(min_length=1)
    url: str
    token: str = Field("", repr=False)
    timeout_seconds: float = Field(5.0, gt=0)
    ask_seconds: float = Field(600.0, gt=0)  # between two questions how far a case is


class ServerSettings(BaseModel):
    """The settings of one reference platform. `toml_file.load(path, ServerSettings)` reads them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: Path  # its database and keys; root.pem, which terminals trust, lies here
    host: str = "127.0.0.1"
    port: int = Field(8070, ge=0, lt=65536)  # 0: any free one
    public_url: str = ""  # what is printed on certificates; empty: http://host:port
    tokens: tuple[str, ...]  # bearer tokens of terminals
    sms_url: str = ""  # takes POST {"to", "text"}; empty: no gateway, sending fails
    sms_timeout_seconds: float = Field(3.0, gt=0)
    code_pause_seconds: float = Field(60.0, ge=0)  # between two codes for one person
    codes_per_hour: int = Field(5, ge=1)  # for one person
    order_seconds: float = Field(180.0, gt=0)  # how long an order can be paid
    seal_url: str = ""  # a sealing service (remote_seal.py); empty: the demo's own key in `data`
    seal_token: str = Field("", repr=False)
    seal_timeout_seconds: float = Field(5.0, gt=0)
    tsa_url: str = ""  # an RFC 3161 time-stamp authority; empty: signatures tell our own clock only
    tsa_trust: Path | None = None  # PEM of the root that vouches for it
    tsa_timeout_seconds: float = Field(3.0, gt=0)
    tsa_required: bool = False  # no certificate without a time stamp
    app_trust: Path | None = None  # PEM of the public key that signs the codes of citizens' apps; None: none
    staff: Path = Path(__file__).with_name("staff.toml")  # who may say that he has looked at a person
    people: Path = people.FILE
    catalogue: tuple[Path, ...] = ()  # further folders of services
    region: str = Field("330100", pattern=r"^\d{6}$")  # first digits of case numbers
    departments: tuple[DepartmentSettings, ...] = ()
    demo: bool = False  # offers the bench's switch that closes the back office

    def department_of(self, service: str) -> DepartmentSettings | None:
        """Whose system decides this service; None for one that is decided here."""
        return next((one for one in self.departments if service in one.services), None)

    def department_named(self, name: str) -> DepartmentSettings:
        """KeyError where the settings name no such department any more."""
        found = next((one for one in self.departments if one.name == name), None)
        if found is None:
            raise KeyError(name)
        return found

    @model_validator(mode="after")
    def _one_department_each(self) -> ServerSettings:
        served = [service for one in self.departments for service in one.services]
        if len(set(served)) != len(served) or len({one.name for one in self.departments}) < len(
            self.departments
        ):
            raise ValueError("departments: each has a name of its own, and each service one department")
        return self

    @model_validator(mode="after")
    def _stamps_are_judged(self) -> ServerSettings:
        if self.tsa_url and self.tsa_trust is None:
            raise ValueError("tsa_trust is missing: the PEM of the root that vouches for the time stamps")
        return self
