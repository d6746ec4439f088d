"""The settings of an enrolled terminal: what enrolment brought lies in the data folder and is laid over them.

So nobody copies a line. A line that stands in the file all the same (files of older installations have them)
must say what the enrolment says. The identity's presence alone makes the terminal an enrolled one: no virtual
device, no socket that tells what is on the screen, no line without encryption.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config import settings as files
from config.settings import Settings, TlsSettings
from config.toml_file import ConfigError
from kiosk.enrolment import identity
from kiosk.enrolment.identity import Identity

RETIRED = "retired"  # a file of the data folder: its keys are destroyed (kiosk/enrolment/retiring.py)
_FILES = {"authority": "authority.pem", "certificate": "certificate.pem", "key": "key.pem"}


class EnrolmentDisagrees(ValueError):
    """The settings and the enrolment in the data folder do not agree; the text says where and what to do."""


def load(path: Path) -> Settings:
    """The settings in `path` as they hold here. ConfigError when they or the enrolment do not fit."""
    told = files.load(path)
    try:
        return enrolled(told)
    except EnrolmentDisagrees as error:
        raise ConfigError(path, str(error).splitlines()) from None


def enrolled(settings: Settings) -> Settings:
    """The settings with the identity of their data folder laid over them; as they are where there is none.

    EnrolmentDisagrees. An identity that cannot be read makes an enrolled terminal too: it serves, and its
    watch says that somebody must look.
    """
    if (settings.data / RETIRED).exists():
        raise EnrolmentDisagrees(
            f"{settings.data}: this terminal was retired and its keys are gone: give a new one another folder"
        )
    folder = identity.link(settings.data)
    if not folder.is_symlink() and not folder.exists():
        return settings
    found = identity.readable(settings.data)
    if problems := list(_disagreeing(settings, found)):
        raise EnrolmentDisagrees("\n".join(problems))
    tls = TlsSettings(**{name: folder.absolute() / file for name, file in _FILES.items()})
    line: dict[str, Any] = {"tls": tls}
    if found is not None:
        line |= {"host": found.home.broker_host, "port": found.home.broker_port}
    return _checked(
        settings.model_copy(
            update={
                "identity": settings.identity.model_copy(update={"enrolled": True}),
                "link": settings.link.model_copy(update=line),
            }
        )
    )


def name_of(settings: Settings) -> str:
    """area/hall/kiosk, as the settings say."""
    told = settings.identity
    return f"{told.area}/{told.hall}/{told.kiosk}"


def _disagreeing(settings: Settings, found: Identity | None) -> Iterator[str]:
    told, link = settings.identity, settings.link
    if "enrolled" in told.model_fields_set and not told.enrolled:
        yield "identity.enrolled: this data folder is enrolled: remove the line"
    if link.tls is not None:
        ours = identity.link(settings.data)
        for name, file in _FILES.items():
            if getattr(link.tls, name).resolve() != (ours / file).resolve():
                yield f"link.tls.{name}: enrolment wrote {ours / file}: remove [link.tls]"
    if found is None:
        return
    home = found.home
    if name_of(settings) != home.terminal:
        yield (
            f"identity: the settings say {name_of(settings)}, the certificate {home.terminal}: put area, hall"
            " and kiosk right, or, if it was carried to another place, run `main.py move`"
        )
    if "host" in link.model_fields_set and link.host != home.broker_host:
        yield f"link.host: the hall says {home.broker_host}: remove the line, enrolment brings it"
    if "port" in link.model_fields_set and link.port != home.broker_port:
        yield f"link.port: the hall says {home.broker_port}: remove the line, enrolment brings it"


def _checked(settings: Settings) -> Settings:
    """The same, if an enrolled terminal may have such settings."""
    try:
        return Settings.model_validate(settings.model_dump())
    except ValidationError as error:
        problems = (str(one["msg"]).removeprefix("Value error, ") for one in error.errors())
        raise EnrolmentDisagrees("\n".join(problems)) from None
