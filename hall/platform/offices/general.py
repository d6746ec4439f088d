"""政务服务: what belongs to no single department (ZH), by subject."""

from __future__ import annotations

from collections.abc import Mapping

from hall.platform.office import Handler
from hall.platform.offices import (
    archives,
    company_start,
    complaints,
    cross_region,
    intake,
    newborn,
    progress,
    queue,
    retirement,
)

_SUBJECTS = (
    archives,
    progress,
    queue,
    intake,
    cross_region,
    complaints,
    retirement,
    newborn,
    company_start,
)
HANDLERS: Mapping[str, Handler] = {
    **{service: handler for subject in _SUBJECTS for service, handler in subject.HANDLERS.items()},
    "ZH07": Handler(knows=newborn.known),  # what it decides is its items' (bundles.py)
}
