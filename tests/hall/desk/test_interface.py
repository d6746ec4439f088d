"""The hall's API against its own document: a program invents requests, right ones and wrong ones."""

from __future__ import annotations

from pathlib import Path

import httpx

from hall.data import store
from hall.desk import openapi
from hall.settings import HallSettings
from tests.hall.fleet import fill
from tests.peers import inventor
from tests.peers.desk import account, desk, token


def test_whatever_is_asked_the_answer_is_one_that_the_document_knows(tmp_path: Path) -> None:
    settings = HallSettings(data=tmp_path / "hall", area="330101", hall="donghu")
    store.migrate(settings)
    engine = store.open_store(settings)
    fill(engine)
    engine.dispose()
    known = token(settings, account(settings))
    secret = known["Authorization"].removeprefix("Bearer ")
    with desk(settings) as address:
        # /metrics is open to programs of this computer, which the inventor is.
        complaint = inventor.ask(address, openapi.document(), secret, tmp_path, "--exclude-path", "/metrics")
        assert complaint == "", complaint
        with httpx.Client(base_url=address, headers=known, trust_env=False, timeout=60) as client:
            assert client.get("/api/terminals").status_code == 200, "the desk outlived it"
