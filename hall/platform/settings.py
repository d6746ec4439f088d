"""What the reference platform is told."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config import people


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
    demo: bool = False  # offers the bench's switch that closes the back office

    @model_validator(mode="after")
    def _stamps_are_judged(self) -> ServerSettings:
        if self.tsa_url and self.tsa_trust is None:
            raise ValueError("tsa_trust is missing: the PEM of the root that vouches for the time stamps")
        return self
