"""The platform's parts, opened together and closed together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from config.people import Person, load
from config.service import Catalogue, Service, load_catalogue
from hall.platform.certificates import CertificatePress
from hall.platform.codes import Codes
from hall.platform.refusals import Refused
from hall.platform.settings import ServerSettings
from hall.platform.signing import open_seal
from hall.platform.store import Store
from hall.platform.subjects import Subjects

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
    closed: threading.Event = field(default_factory=threading.Event)

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

    Raises FileNotFoundError (a font, with a remedy), toml_file.ConfigError, OSError.
    """
    store = Store(settings.data / "platform.db")
    try:
        yield Parts(
            settings=settings,
            now=now,
            store=store,
            press=CertificatePress(open_seal(settings.data)),
            catalogue=load_catalogue(settings.catalogue),
            citizens={person.number: person for person in load(settings.people).values()},
            subjects=Subjects(now),
            codes=Codes(
                now,
                settings.sms_url,
                settings.sms_timeout_seconds,
                timedelta(seconds=settings.code_pause_seconds),
                settings.codes_per_hour,
            ),
        )
    finally:
        store.close()
