"""The checker of documents finds what it is for."""

from pathlib import Path

import pytest

from tests import docs_check


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "docs" / "decisions").mkdir(parents=True)
    for room in ("config", "drivers"):
        (tmp_path / room).mkdir()
    (tmp_path / "config" / "faults.toml").write_text('[device_offline]\nseverity = "warning"\n')
    (tmp_path / "README.md").write_text(
        "# Title here\n\n[a](docs) [b](#title-here) ![c](https://example.org/x.png)\n"
    )
    (tmp_path / "drivers" / "reader.py").write_text(
        '"""Reads 身份证."""\n'
        'FAULTS = {0x10: "device_offline"}\n'
        'FOR_LIFE = "\\u957f\\u671f"\n'
        'raise DeviceError("device_offline", "cable")\n'
    )
    return tmp_path


def test_a_tree_in_order_has_nothing_to_report(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert docs_check.main(tree) == 0
    assert "nothing found" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "text", "complaint"),
    [
        ("README.md", "[a](docs/absent.md)", "docs/absent.md, which is not there"),
        ("README.md", "# One\n[a](#two)", "#two, which has no such heading"),
        ("docs/decisions/001-a.md", "line\n" * 21, "21 lines; a decision has at most 20"),
        ("docs/asyncapi.yaml", "asyncapi: 3.0.0\n", "nothing generates it"),
        ("drivers/reader.py", 'raise DeviceError("reader_lost")', "reader.py:1: reader_lost is no row"),
        ("drivers/reader.py", 'FAULTS = {\n1: "reader_lost"}', "reader.py:2: reader_lost is no row"),
        ("drivers/reader.py", 'title = f"证明 {x}"', "words for people belong in a table"),
        ("drivers/reader.py", "# see " + "/work" + "/main", "does not belong in this tree"),
        ("requirements.txt", "--index" + "-url x", "does not belong in this tree"),
    ],
)
def test_what_is_out_of_order_is_named(
    tree: Path, capsys: pytest.CaptureFixture[str], file: str, text: str, complaint: str
) -> None:
    (tree / file).write_text(text)
    assert docs_check.main(tree) == 1
    assert complaint in capsys.readouterr().out


def test_a_generated_document_is_compared_with_what_the_code_says(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / "mqtt").mkdir()
    (tree / "mqtt" / "asyncapi.py").write_text("def document(): return 'new\\n'\n")
    (tree / "docs" / "asyncapi.yaml").write_text("new\n")
    assert docs_check.main(tree) == 0
    (tree / "docs" / "asyncapi.yaml").write_text("old\n")
    assert docs_check.main(tree) == 1
    assert "docs/asyncapi.yaml: not what mqtt.asyncapi.document() says now" in capsys.readouterr().out
