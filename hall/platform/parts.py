"""The platform's parts, opened together and closed together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from config.catalogue_files import Catalogue, load_catalogue
from config.people import Person, load
from config.service import Service
from hall.platform.certificates import CertificatePress
from hall.platform.codes import Codes
from hall.platform.demo_seal import open_seal
from hall.platform.refusals import Refused
from hall.platform.registers import authorisations
from hall.platform.remote_seal import RemoteSeal
from hall.platform.settings import ServerSettings
from hall.platform.signing import PdfSeal, Seal
from hall.platform.staff_desk import StaffDesk, load_staff
from hall.platform.store import Store
from hall.platform.subjects import Subjects
from hall.platform.time_stamps import TimeStampAuthority

UPLOADS = 4

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Parts:
    """What every request may use."""

    settings: ServerSettings
    now: Clock
    store: Store
    press: CertificatePress
    catalogue: Catalogue
    citizens: Mapping[str, Person]  # by identity number
    subjects: Subjects
    codes: Codes
    staff: StaffDesk
    closed: threading.Event = field(default_factory=threading.Event)
    # So many of the public's files at once: what they can cost in memory.
    uploads: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(UPLOADS))

    def service(self, identifier: str) -> Service:
        """A service of the catalogue. Refused `service_unknown`."""
        if identifier not in self.catalogue.services:
            raise Refused("service_unknown", 404)
        return self.catalogue.services[identifier]

    def require_open(self) -> None:
        """Refused `platform_closed` while the back office is closed."""
        if self.closed.is_set():
            raise Refused("platform_closed", 409)

    @property
    def public_url(self) -> str:
        """What is printed on certificates, without a slash at its end."""
        settings = self.settings
        return (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")


@contextmanager
def open_parts(settings: ServerSettings, now: Clock) -> Iterator[Parts]:
    """The parts, from opening the database to closing it.

    Raises FileNotFoundError (a font, with a remedy), toml_file.ConfigError, OSError, SealError.
    """
    with ExitStack() as opened:
        store = opened.enter_context(closing(Store(settings.data / "platform.db")))
        citizens = {person.number: person for person in load(settings.people).values()}
        authorisations.lay_down(store, citizens)
        yield Parts(
            settings=settings,
            now=now,
            store=store,
            press=CertificatePress(_seal(settings, opened)),
            catalogue=load_catalogue(settings.catalogue),
            citizens=citizens,
            subjects=Subjects(now),
            codes=Codes(
                now,
                settings.sms_url,
                settings.sms_timeout_seconds,
                timedelta(seconds=settings.code_pause_seconds),
                settings.codes_per_hour,
            ),
            staff=StaffDesk(load_staff(settings.staff), now),
        )


def _seal(settings: ServerSettings, opened: ExitStack) -> PdfSeal:
    """Who signs, and who stamps the time. A remote seal leaves its root where terminals' settings look."""
    seal: Seal
    if settings.seal_url:
        remote = RemoteSeal(settings.seal_url, settings.seal_token, settings.seal_timeout_seconds)
        seal = opened.enter_context(closing(remote))
        (settings.data / "root.pem").write_bytes(seal.root_pem)
    else:
        seal = open_seal(settings.data)
    stamps = None
    if settings.tsa_url and settings.tsa_trust is not None:
        stamps = TimeStampAuthority(
            settings.tsa_url, settings.tsa_trust, settings.tsa_timeout_seconds, settings.tsa_required
        )
    return PdfSeal(seal, stamps)
