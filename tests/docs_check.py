"""Documents and agreements that no type checker sees: `python -m tests.docs_check [folder]`.

Links lead somewhere, decisions are short, generated documents are what the code says, every fault code in
the code has its words, people's words stand in tables and not in code, and nothing names one machine.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
ROOMS = ("config", "drivers", "hall", "kiosk", "mqtt", "screens")
SKIPPED = {".git", ".venv", "build", "data", "dist", "__pycache__", ".hypothesis"}
SKIPPED |= {".mypy_cache", ".pytest_cache", ".ruff_cache", ".import_linter_cache"}
TEXT = {"", ".py", ".md", ".toml", ".cfg", ".ini", ".conf", ".sh", ".txt", ".in", ".yaml"}
TEXT |= {".html", ".js", ".css", ".svg", ".kv", ".typ", ".sql", ".mako"}
DECISION_LINES = 20

LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\(\s*<?([^)\s>]+)[^)]*\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
# The tree of one machine, or the address of a package registry: neither may be in a file that others get.
ELSEWHERE = re.compile(r"(?<![\w.{}~-])/(?:work|root)/|--(?:extra-)?index-url|--find-links")

# Generated document → the module whose `document()` is its text.
GENERATED = {
    "docs/asyncapi.yaml": "mqtt.asyncapi",
    "docs/openapi-hall.yaml": "hall.desk.openapi",
    "docs/openapi-platform.yaml": "hall.platform.openapi",
    "docs/openapi-department.yaml": "hall.department_example",
    "docs/services.md": "config.services_page",
    "docs/faults.md": "config.faults_page",
}
# Exceptions whose codes are words of a protocol between two programs, not faults that somebody mends. Those
# of an enrolment carry their remedy, which whoever types the command reads.
PROTOCOL_ERRORS = {"MessageError", "AuthorityError", "IdentityError"}


def files(root: Path) -> Iterator[Path]:
    """Every file of ours with text in it."""
    for folder, names, found in os.walk(root):
        names[:] = sorted(n for n in names if n not in SKIPPED and not n.endswith(".egg-info"))
        yield from (Path(folder, name) for name in sorted(found) if Path(name).suffix in TEXT)


def broken_links(root: Path) -> Iterator[str]:
    """Links within the tree that lead to no file or to no heading."""
    for page in files(root):
        if page.suffix != ".md":
            continue
        for target in LINK.findall(FENCE.sub("", page.read_text("utf-8"))):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            goal = page.parent / path if path else page
            if not goal.exists():
                yield f"{page.relative_to(root)}: link to {target}, which is not there"
            elif anchor and goal.suffix == ".md" and anchor not in headings(goal):
                yield f"{page.relative_to(root)}: link to {target}, which has no such heading"


def headings(page: Path) -> set[str]:
    """The anchors that a page's headings make."""
    titles = re.findall(r"^#+\s+(.+?)\s*$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def long_decisions(root: Path) -> Iterator[str]:
    """Decision records that nobody would read to the end."""
    for record in sorted((root / "docs" / "decisions").glob("*.md")):
        lines = len(record.read_text("utf-8").splitlines())
        if lines > DECISION_LINES:
            yield f"{record.relative_to(root)}: {lines} lines; a decision has at most {DECISION_LINES}"


def stale_documents(root: Path) -> Iterator[str]:
    """Generated documents that are not what the code generates now."""
    for document, module in GENERATED.items():
        if not (root / (module.replace(".", "/") + ".py")).exists():
            if (root / document).exists():
                yield f"{document}: nothing generates it, for there is no {module}"
            continue
        command = [sys.executable, "-c", f"from {module} import document; print(document(), end='')"]
        made = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)
        if made.returncode:
            last = (made.stderr.strip().splitlines() or ["no word of why"])[-1]
            yield f"{document}: {module}.document() fails: {last}"
        elif not (root / document).exists() or (root / document).read_text("utf-8") != made.stdout:
            yield f"{document}: not what {module}.document() says now"


def trees(root: Path) -> Iterator[tuple[Path, ast.Module]]:
    """The parsed files of the rooms and the door."""
    for path in files(root):
        room = path.relative_to(root).parts[0]
        if path.suffix == ".py" and (room in ROOMS or room == "main.py"):
            yield path.relative_to(root), ast.parse(path.read_text("utf-8"))


def unknown_faults(root: Path) -> Iterator[str]:
    """Codes that the code raises or maps to, and `config/faults.toml` does not have."""
    table = root / "config" / "faults.toml"
    known = set(tomllib.loads(table.read_text("utf-8"))) if table.exists() else set()
    for path, tree in trees(root):
        for node in ast.walk(tree):
            for line, code in raised(node):
                if CODE.fullmatch(code) and code not in known:
                    yield f"{path}:{line}: {code} is no row of config/faults.toml"


def raised(node: ast.AST) -> Iterator[tuple[int, str]]:
    """The strings that stand where a fault code stands: `SomeError("…")`, `FAULTS = {…: "…"}`."""
    found: list[ast.AST] = []
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name.endswith("Error") and name not in PROTOCOL_ERRORS:
            found = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "code")]
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        goals = node.targets if isinstance(node, ast.Assign) else [node.target]
        if isinstance(node.value, ast.Dict) and any("FAULT" in getattr(g, "id", "") for g in goals):
            found = list(node.value.values)
    for one in found:
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.lineno, one.value


def words_in_code(root: Path) -> Iterator[str]:
    """Chinese in a string of the code: what people read stands in tables, in both languages.

    Comments and docstrings may name a thing by its Chinese name. Text that is data on a wire, and that
    nobody reads on the screen, is written with escapes.
    """
    for path, tree in trees(root):
        documentation = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        source = (root / path).read_text("utf-8")
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or id(node) in documentation:
                continue
            if HAN.search(str(node.value)) and HAN.search(ast.get_source_segment(source, node) or ""):
                yield f"{path}:{node.lineno}: words for people belong in a table: {str(node.value)[:20]!r}"


def machine_paths(root: Path) -> Iterator[str]:
    """Paths of one machine, and addresses of package registries."""
    for path in files(root):
        if path.resolve() == Path(__file__).resolve():
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), start=1):
            if found := ELSEWHERE.search(line):
                yield f"{path.relative_to(root)}:{number}: {found[0]} does not belong in this tree"


def scaling_tables(root: Path) -> Iterator[str]:
    """What docs/scaling.md says was measured is readable, and what it says follows does follow."""
    page = root / "docs" / "scaling.md"
    if not page.exists():
        return
    from tests.bench import reckoning, scaling_page

    text = page.read_text("utf-8")
    try:
        wanted = reckoning.table(scaling_page.figures(text))
        if scaling_page.block(text, scaling_page.RECKONED) != wanted:
            yield "docs/scaling.md: not what `python -m tests.bench.reckoning` says now: run it with --write"
    except scaling_page.PageError as error:
        yield f"docs/scaling.md: {error}"
    except KeyError as error:
        yield f"docs/scaling.md: {error} is reckoned with and was not measured"


CHECKS: tuple[Callable[[Path], Iterator[str]], ...] = (
    broken_links,
    long_decisions,
    stale_documents,
    unknown_faults,
    words_in_code,
    machine_paths,
    scaling_tables,
)


def main(root: Path) -> int:
    """Prints each problem on a line; 1 if there is one."""
    problems = [problem for check in CHECKS for problem in check(root)]
    print("\n".join(problems) if problems else f"documents: {len(CHECKS)} checks, nothing found")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else REPO))
