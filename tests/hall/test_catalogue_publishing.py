"""A province signs its catalogue, a hall publishes it, terminals take it: by commands, over a real desk."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

import main
from config import release
from config.release import ReleaseError
from config.settings import CatalogueSourceSettings
from hall import catalogue_publishing
from hall.data import store
from hall.data.desk_tables import audit
from hall.settings import HallSettings
from kiosk import catalogue_release
from tests.kiosk.release_server import KEY, ONE, PROVINCE, STRANGER, TWO, plain_service, signed
from tests.kiosk.small_visit import Script, backstage
from tests.kiosk.small_visit import settings as terminal_settings
from tests.peers.desk import desk

CANARY, OTHER = "330100/demo/K001", "330100/demo/K002"


def hall(folder: Path) -> HallSettings:
    return HallSettings(data=folder / "hall", area="330100", hall="demo", release_keys=(KEY,))


def published(settings: HallSettings, raw: bytes, *places: str) -> int:
    """The command's exit code."""
    settings.data.mkdir(parents=True, exist_ok=True)
    file = settings.data / "a.release"
    file.write_bytes(raw)
    return catalogue_publishing.run(settings, file, places)


def audited(settings: HallSettings) -> list[tuple[str, str, str]]:
    engine = store.open_store(settings)
    with engine.connect() as tx:
        rows = tx.execute(select(audit).where(audit.c.act == "publish_catalogue").order_by(audit.c.n)).all()
    engine.dispose()
    return [(row.reference, row.actor.partition(":")[0], row.detail.partition(" ")[2]) for row in rows]


def ask(address: str, terminal: str, **headers: str) -> httpx.Response:
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        return client.get("/catalogue/current", params={"terminal": terminal}, headers=headers)


def test_a_release_goes_to_the_canaries_first_and_then_to_all(tmp_path: Path) -> None:
    settings = hall(tmp_path)
    assert published(settings, signed(1, ONE)) == 0
    assert published(settings, signed(2), CANARY) == 0
    with desk(settings) as address:
        assert ask(address, CANARY).headers["x-release"] == "2"
        assert ask(address, OTHER).headers["x-release"] == "1"
        assert ask(address, "").headers["x-release"] == "1"
        assert published(settings, signed(2)) == 0
        assert ask(address, OTHER).content == signed(2)
        assert published(settings, signed(3), "330100/demo") == 0
        assert ask(address, OTHER).headers["x-release"] == "3"
        assert ask(address, "330100/demo-2/K001").headers["x-release"] == "2"
    assert audited(settings) == [
        ("1", "cli", "everywhere"),
        ("2", "cli", CANARY),
        ("2", "cli", "everywhere"),
        ("3", "cli", "330100/demo"),
    ]


def test_what_a_terminal_has_is_not_sent_again_and_nothing_is_there_before_the_first(tmp_path: Path) -> None:
    settings = hall(tmp_path)
    store.migrate(settings)
    with desk(settings) as address:
        assert ask(address, CANARY).status_code == 404
        published(settings, signed(1))
        first = ask(address, CANARY)
        again = ask(address, CANARY, **{"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (signed(5, key=STRANGER), "catalogue_unknown_key"),
        (signed(5)[:-600], "catalogue_damaged"),
        (signed(5, zh95=b"id ="), "zh95.toml"),
        (signed(3), "higher number"),
        (signed(4, ONE), "another release has number 4"),
    ],
    ids=["stranger", "truncated", "broken item", "older", "same number"],
)
def test_what_terminals_would_refuse_is_not_published(
    tmp_path: Path, raw: bytes, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = hall(tmp_path)
    assert published(settings, signed(4)) == 0
    assert published(settings, raw) == 1
    assert why in capsys.readouterr().err
    with desk(settings) as address:
        assert ask(address, OTHER).content == signed(4)


def test_a_hall_that_trusts_nobody_publishes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = hall(tmp_path).model_copy(update={"release_keys": ()})
    assert published(settings, signed(4)) == 2
    assert "release_keys" in capsys.readouterr().err


def test_from_the_folder_to_the_terminal_by_the_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, key, archive = tmp_path / "catalogue", tmp_path / "province.pem", tmp_path / "7.release"
    folder.mkdir()
    (folder / "zh96.toml").write_text(plain_service("ZH96"), encoding="utf-8")
    assert main.main(["catalogue", "key", str(key)]) == 0
    public = capsys.readouterr().out.splitlines()[-1].strip('"')
    assert key.stat().st_mode & 0o077 == 0
    told = tmp_path / "hall.toml"
    told.write_text(
        f'data = "{tmp_path / "hall"}"\narea = "330100"\nhall = "demo"\nrelease_keys = ["{public}"]\n'
    )
    sign = ["catalogue", "sign", str(folder), "--key", str(key), "--number", "7", "-o", str(archive)]
    assert main.main(sign) == 0
    assert main.main(["catalogue", "publish", str(archive), "--settings", str(told)]) == 0
    assert "release 7 with 1 services is out for every terminal" in capsys.readouterr().out

    async def fetch(address: str) -> int:
        async with backstage(tmp_path / "terminal", Script()) as parts:
            url = f"{address}/catalogue/current"
            source = CatalogueSourceSettings(url=url, keys=(public,))
            parts.settings = terminal_settings(tmp_path / "terminal").model_copy(
                update={"catalogue_source": source}
            )
            found = await catalogue_release.renew(parts)
            assert found is not None and await catalogue_release.renew(parts) is None
            return found.release

    with desk(
        HallSettings.model_validate({"data": tmp_path / "hall", "area": "330100", "hall": "demo"})
    ) as at:
        assert asyncio.run(fetch(at)) == 7


def test_a_broken_item_is_never_signed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, key = tmp_path / "catalogue", tmp_path / "key.pem"
    folder.mkdir()
    main.main(["catalogue", "key", str(key)])
    sign = ["catalogue", "sign", str(folder), "--key", str(key), "--number", "1", "-o", str(tmp_path / "r")]
    assert main.main(sign) == 2, "an empty folder is no catalogue"
    (folder / "zh96.toml").write_text(plain_service("ZH96").replace("level = 0", "level = 9"), "utf-8")
    assert main.main(sign) == 2
    assert "zh96.toml: level" in capsys.readouterr().err
    assert not (tmp_path / "r").exists()
    (folder / "zh96.toml").write_text(plain_service("ZH96"), "utf-8")
    assert main.main([*sign, "--software", "soon"]) == 2
    assert main.main(sign) == 0
    assert main.main(sign) == 2, "a release that is there is not overwritten"
    assert main.main(["catalogue", "key", str(key)]) == 2, "nor is a key"


def test_before_it_is_published_one_sees_what_comes_changes_and_goes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tmp_path / "before.release"
    before.write_bytes(signed(1, TWO))
    after = tmp_path / "after"
    after.mkdir()
    (after / "zh97.toml").write_text(plain_service("ZH97").replace("version = 1", "version = 2"), "utf-8")
    (after / "zh98.toml").write_text(plain_service("ZH98"), "utf-8")
    look = ["catalogue", "preview", str(after), "--against", str(before)]
    assert main.main(look) == 0
    assert [line.partition("  便")[0] for line in capsys.readouterr().out.splitlines()] == [
        "+ ZH98  v1",
        "~ ZH97  v1 → v2",
        "- ZH96  v1",
        "2 services, 2 before",
    ]
    (after / "zh98.toml").write_text("id =", "utf-8")
    assert main.main(look) == 1
    told = capsys.readouterr().out
    assert told.startswith("! ") and "/zh98.toml: not valid TOML" in told
    (tmp_path / "x").write_bytes(b"nothing")
    assert main.main(["catalogue", "preview", str(tmp_path / "x")]) == 2


def test_a_look_believes_no_name_that_leads_elsewhere(tmp_path: Path) -> None:
    raw = release.sign({"../zh96.toml": b"x"}, 1, "0.1", "", PROVINCE)
    with pytest.raises(ReleaseError):
        release.files_in(raw)
