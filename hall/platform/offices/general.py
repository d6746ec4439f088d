"""政务服务: what belongs to no single department (ZH), by subject."""

from __future__ import annotations

from hall.platform.offices import archives, progress, queue

HANDLERS = {**archives.HANDLERS, **progress.HANDLERS, **queue.HANDLERS}
