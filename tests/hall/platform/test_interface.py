"""The platform's API against its own document: a program invents requests, right ones and wrong ones."""

from __future__ import annotations

from pathlib import Path

from hall.platform import openapi
from hall.platform.settings import ServerSettings
from tests.hall.platform.conftest import Clock, serving
from tests.hall.platform.terminal import TOKEN
from tests.peers import inventor


def test_whatever_is_asked_the_answer_is_one_that_the_document_knows(
    settings: ServerSettings, clock: Clock, tmp_path: Path
) -> None:
    with serving(settings, clock) as terminal:
        complaint = inventor.ask(str(terminal.http.base_url), openapi.document(), TOKEN, tmp_path)
        assert complaint == "", complaint
