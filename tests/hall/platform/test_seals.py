"""Who signs, and who says when: a sealing service and a time-stamp authority that others wrote."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config import toml_file
from hall.platform.certificates import CertificatePress
from hall.platform.clock import china_now
from hall.platform.demo_seal import open_seal
from hall.platform.remote_seal import RemoteSeal
from hall.platform.settings import ServerSettings
from hall.platform.signing import PdfSeal, SealError
from hall.platform.time_stamps import TimeStampAuthority
from kiosk.documents.certificate_check import verify
from tests.hall.platform.changed_files import CHANGES, flipped, places_in_the_signature
from tests.hall.platform.conftest import serving
from tests.hall.platform.papers import make, poppler
from tests.hall.platform.terminal import TOKEN, proof
from tests.peers import openssl
from tests.peers.sealing_service import TOKEN as SEAL_TOKEN
from tests.peers.sealing_service import SealingService, sealing_service
from tests.peers.time_stamp_server import TimeStampServer, time_stamp_server


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SealingService]:
    with sealing_service(tmp_path_factory.mktemp("seal")) as running:
        yield running


@pytest.fixture
def well(service: SealingService) -> Iterator[SealingService]:
    """The service, well at the start and again at the end."""
    service.behave("well")
    yield service
    service.behave("well")


@pytest.fixture(scope="module")
def clockmaker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimeStampServer]:
    with time_stamp_server(tmp_path_factory.mktemp("tsa")) as running:
        yield running


@pytest.fixture
def stamps(clockmaker: TimeStampServer) -> TimeStampServer:
    clockmaker.mood = "well"
    return clockmaker


def authority_of(
    stamps: TimeStampServer, required: bool = False, trust: Path | None = None, patience: float = 60.0
) -> TimeStampAuthority:
    return TimeStampAuthority(stamps.url, trust or stamps.root, patience, required)


def patience_with(mood: str) -> float:
    """Seconds that one waits for whom: no machine is so busy that another mood is taken for these two."""
    return 0.7 if mood in ("slow", "dripping") else 60.0


# ── a sealing service ───────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "key", [("rsa:2048",), ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")], ids=["RSA", "EC"]
)
def test_a_service_that_holds_the_key_signs_certificates_that_terminals_accept(
    tmp_path: Path, key: tuple[str, ...]
) -> None:
    with sealing_service(tmp_path, key) as service:
        seal = RemoteSeal(service.url, SEAL_TOKEN, 60)
        made = make(CertificatePress(PdfSeal(seal)))
        seal.close()
        verdict = verify(made.pdf, (tmp_path / "root.pem").read_bytes(), made.sha256)
        assert verdict.valid and verdict.signer == "示例签章服务（样张）"
        asked = [line for line in service.log.splitlines() if "signatures" in line]
    assert len(asked) == 1 and len(asked[0]) < 150, "a digest goes there, and no page of anybody's"
    assert "Signature is Valid." in poppler("pdfsig", made.pdf, tmp_path)


@pytest.mark.parametrize(
    ("mood", "code"),
    [
        ("down", "seal_unreachable"),
        ("slow", "seal_unreachable"),
        ("refusing", "seal_refused"),
        ("babbling", "seal_wrong"),
        ("foreign", "seal_wrong"),
        ("elsewhere", "seal_refused"),
        ("endless", "seal_wrong"),
        ("packed", "seal_wrong"),
        ("dripping", "seal_unreachable"),
    ],
)
def test_a_service_in_trouble_is_an_error_with_a_code_and_never_a_paper(
    well: SealingService, mood: str, code: str
) -> None:
    seal = RemoteSeal(well.url, SEAL_TOKEN, 60.0)
    well.behave(mood)
    seal._timeout = seal._http.timeout = patience_with(mood)
    with pytest.raises(SealError) as caught:
        seal.sign(b"what is signed")
    assert caught.value.code == code
    well.behave("well")
    seal._timeout = seal._http.timeout = 60.0
    assert seal.sign(b"what is signed"), "and all is well with the next one"
    seal.close()


def test_a_wrong_token_is_told_at_the_start(well: SealingService) -> None:
    with pytest.raises(SealError, match="seal_refused"):
        RemoteSeal(well.url, "another", 60)


def test_nobody_at_the_address_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SealError, match="seal_unreachable"):
        RemoteSeal("http://127.0.0.1:9", SEAL_TOKEN, 1)


def test_a_platform_with_a_remote_seal_files_nothing_while_it_is_down(
    well: SealingService, tmp_path: Path
) -> None:
    told = {"seal_url": well.url, "seal_token": SEAL_TOKEN, "seal_timeout_seconds": 60.0}
    settings = ServerSettings.model_validate({"data": tmp_path, "tokens": (TOKEN,), **told})
    assert SEAL_TOKEN not in repr(settings)
    with serving(settings, china_now) as terminal:
        subject = terminal.lay_card("chen")
        well.behave("down")
        refused = terminal.file(proof(subject, china_now()), "key-of-the-case")
        assert (refused.status_code, refused.json()["code"]) == (424, "certificate_failed")
        well.behave("well")
        case = terminal.file(proof(subject, china_now()), "key-of-the-case").json()
        root = (tmp_path / "root.pem").read_bytes()
        assert verify(terminal.pdf(case), root, case["documents"][0]["sha256"]).valid
    assert not list(tmp_path.glob("*.key")), "no key on this side"


def test_after_a_remote_seal_the_demos_own_does_not_sign_what_nobody_would_trust(
    service: SealingService, tmp_path: Path
) -> None:
    """Its root lies where terminals look: with the demo's key every certificate would be refused there."""
    open_seal(tmp_path)
    (tmp_path / "root.pem").write_bytes((service.folder / "root.pem").read_bytes())
    with pytest.raises(OSError, match="does not vouch"):
        open_seal(tmp_path)
    (tmp_path / "signer.pem").unlink()
    with pytest.raises(OSError, match="does not vouch"):
        open_seal(tmp_path)


# ── a time stamp ────────────────────────────────────────────────────────────
def test_with_an_authority_the_signature_says_when_in_somebody_elses_words(
    stamps: TimeStampServer, authority: Path, root: bytes, tmp_path: Path
) -> None:
    made = make(CertificatePress(PdfSeal(open_seal(authority), authority_of(stamps))))
    assert made.time_stamped
    verdict = verify(made.pdf, root, made.sha256, stamps.root.read_bytes())
    assert verdict.valid and verdict.stamped_at is not None
    assert abs(verdict.stamped_at - datetime.now(UTC)) < timedelta(minutes=1)
    unknown = verify(made.pdf, root, made.sha256)
    assert unknown.valid and unknown.stamped_at is None, "good without, but nobody vouches for the hour"
    assert "Signature is Valid." in poppler("pdfsig", made.pdf, tmp_path)


def test_a_stamped_file_may_be_changed_no_more_than_another(
    stamps: TimeStampServer, authority: Path, root: bytes
) -> None:
    pdf = make(CertificatePress(PdfSeal(open_seal(authority), authority_of(stamps)))).pdf
    trust = stamps.root.read_bytes()
    for change in CHANGES.values():
        assert not verify(change(pdf), root, None, trust).valid
    places = places_in_the_signature(pdf, many=20, seed=6)
    assert [place for place in places if verify(flipped(pdf, *place), root, None, trust).valid] == []


@pytest.mark.parametrize("mood", ["down", "slow", "babbling", "refusing", "replaying", "dripping"])
def test_without_its_authority_a_certificate_goes_out_unstamped_and_the_next_waits_for_nobody(
    stamps: TimeStampServer, authority: Path, root: bytes, mood: str
) -> None:
    told = authority_of(stamps, patience=patience_with(mood))
    press = CertificatePress(PdfSeal(open_seal(authority), told))
    stamps.mood, before = mood, stamps.asked
    for _ in range(3):
        made = make(press)
        assert not made.time_stamped and verify(made.pdf, root, made.sha256).valid
    assert stamps.asked == before + 1


def test_where_a_stamp_is_required_there_is_no_paper_without(
    stamps: TimeStampServer, authority: Path
) -> None:
    press = CertificatePress(PdfSeal(open_seal(authority), authority_of(stamps, required=True)))
    stamps.mood = "down"
    for _ in range(2):
        with pytest.raises(SealError, match="stamp_unreachable"):
            make(press)


def test_a_stamp_of_somebody_we_do_not_trust_is_none(
    stamps: TimeStampServer, authority: Path, tmp_path: Path
) -> None:
    openssl.authority(tmp_path, "Another")
    press = CertificatePress(PdfSeal(open_seal(authority), authority_of(stamps, True, tmp_path / "root.pem")))
    with pytest.raises(SealError, match="stamp_untrusted"):
        make(press)


def test_settings_with_an_authority_and_nobody_to_trust_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "platform.toml"
    file.write_text('data = "x"\ntokens = ["t"]\ntsa_url = "http://127.0.0.1:9/"\n')
    with pytest.raises(toml_file.ConfigError, match="tsa_trust"):
        toml_file.load(file, ServerSettings)
