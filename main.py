"""One door: `main.py --help` lists what is behind it. Rooms are imported when they are entered.

What the terminal's and the hall's own commands do stands in `command_line.py` of `kiosk/` and `hall/`; here
are those that more than one room takes part in.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence
from pathlib import Path

from config import command_line, spoken
from hall import command_line as of_hall
from kiosk import command_line as of_terminal


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code: 0 done, 1 something is not as it should be, 2 wrong input,
    141 (`ends.UNREAD`) when whoever read what it says has gone."""
    try:
        try:
            code = _done(arguments)
        except SystemExit:  # --help has been said
            sys.stdout.flush()
            raise
        sys.stdout.flush()  # here, and not at the interpreter's end, which would tell a traceback
        return code
    except BrokenPipeError:
        if not (left := [one for one in (sys.stdout, sys.stderr) if spoken.unread(one)]):
            raise  # another pipe's
        for one in left:
            spoken.speak_to_nobody(one)
        from config import ends

        return ends.UNREAD


def _done(arguments: Sequence[str] | None) -> int:
    told = command_line.parser({act.__name__: act for act in _ACTS}, of_hall.add).parse_args(arguments)
    from config import ends
    from config.toml_file import ConfigError

    act: command_line.Act = told.act
    try:
        return act(told)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return ends.WRONG_INPUT
    except Exception as error:
        if not (why := of_hall.remedy(error)):
            raise
        print(why, file=sys.stderr)
        return ends.WRONG_INPUT


# ── the commands of more than one room ──────────────────────────────────────
def terminal(told: argparse.Namespace) -> int:
    """The citizen's window."""
    from config import heaps

    heaps.few()
    gc.disable()  # what a start makes stays, and to look for rubbish in it took a tenth of it (program.py)
    from screens import program

    return program.terminal(told.settings)


def notice(told: argparse.Namespace) -> int:
    """The out-of-service page, while the terminal itself cannot start."""
    from screens import program

    return program.show_notice(told.settings)


def demo(told: argparse.Namespace) -> int:
    """Everything on one computer."""
    from drivers.virtual import demo as whole
    from drivers.virtual import demo_settings, running

    if told.kill:
        print(running.kill(told.data))
        return 0
    chosen = demo_settings.DemoSettings(
        data=told.data.resolve(),
        port_base=told.port_base,
        headless=told.headless,
        view=not told.no_view,
        size=told.size,
        camera=told.camera,
        changes=dict(demo_settings.parse_change(one) for one in told.set),
    )
    try:
        return whole.run(chosen)
    except (demo_settings.PortTaken, whole.DemoRuns) as error:
        print(error, file=sys.stderr)
        return 2


def bench(told: argparse.Namespace) -> int:
    """The virtual hardware and its page."""
    from drivers.virtual import bench as virtual

    virtual.serve(
        virtual.BenchSettings(
            port=told.port,
            folder=told.folder,
            page_seconds=told.page_seconds,
            receipt_port=told.receipt_port,
            a4_port=told.a4_port,
            camera_port=told.camera_port,
            document_port=told.document_port,
            special_port=told.special_port,
            cashier=told.cashier,
        )
    )
    return 0


def catalogue_check(told: argparse.Namespace) -> int:
    """Reads every service and paper and lists them."""
    from config.catalogue_files import load_catalogue
    from config.services_page import counts
    from config.words import LANGUAGES

    catalogue = load_catalogue(told.folders)
    for service in sorted(catalogue.services.values(), key=lambda one: one.id):
        print(f"{service.id}  v{service.version}  {service.flow:<12} {service.name.zh} / {service.name.en}")
    print(f"{counts(catalogue)}, in {len(LANGUAGES)} languages: {', '.join(LANGUAGES)}")
    print(f"{len(catalogue.papers)} papers: {', '.join(sorted(catalogue.papers))}")
    print(
        f"{len(catalogue.letters)} letters, {len(catalogue.questions)} trees of questions, "
        f"{len(catalogue.routes)} routes"
    )
    return 0


def catalogue_key(told: argparse.Namespace) -> int:
    """Makes the key pair with which releases of the catalogue are signed."""
    from config import release_commands

    try:
        public = release_commands.make_key(told.file)
    except release_commands.ReleaseTrouble as why:
        print(why, file=sys.stderr)
        return 2
    print(f"{told.file}: the private key. It stays with the office that publishes.")
    print(f'for `keys` in the settings of terminals and hall:\n\n"{public}"')
    return 0


def catalogue_sign(told: argparse.Namespace) -> int:
    """Signs a catalogue folder as a release, when everything in it reads."""
    from config import release_commands
    from kiosk.software import software

    try:
        least = told.software or software()
        print(release_commands.sign(told.folder, told.key, told.number, least, told.out))
    except release_commands.ReleaseTrouble as why:
        print(why, file=sys.stderr)
        return 2
    return 0


def catalogue_publish(told: argparse.Namespace) -> int:
    """Publishes a signed release at the hall's desk, to all terminals or to some first."""
    from hall import catalogue_publishing, settings

    return catalogue_publishing.run(settings.load(told.settings), told.file, told.only)


def catalogue_preview(told: argparse.Namespace) -> int:
    """Says what a folder or release would change, and what is broken in it."""
    from config import release_commands
    from kiosk import catalogue_release
    from kiosk.enrolment import enrolled_settings

    try:
        current = catalogue_release.at_start(enrolled_settings.load(told.settings))
        code, lines = release_commands.preview(told.what, current, told.against)
        print("\n".join(lines))
        return release_commands.show(told.what, demo_with) if told.screens and not code else code
    except release_commands.ReleaseTrouble as why:
        print(why, file=sys.stderr)
        return 2


def demo_with(folder: Path) -> int:
    """The demo with another catalogue laid over the built-in one."""
    return main(["demo", "--set", f"catalogue={[str(folder)]!r}"])


_ACTS = (
    terminal,
    notice,
    demo,
    bench,
    catalogue_check,
    catalogue_key,
    catalogue_sign,
    catalogue_publish,
    catalogue_preview,
    *of_terminal.ACTS,
)


if __name__ == "__main__":
    sys.exit(main())
