"""The demo moves its ports, tells which one is taken, and writes settings that its children can read."""

from __future__ import annotations

import socket
from dataclasses import astuple
from pathlib import Path

import pytest

from config import settings, toml_file
from config.toml_file import ConfigError
from drivers.virtual import demo_settings
from drivers.virtual.demo_settings import DemoSettings, Ports, PortTaken, choose_ports, parse_change
from drivers.virtual.io_board import INPUTS, LIGHTS, STRIKES


def test_without_a_base_the_ports_are_those_of_the_profile(tmp_path: Path) -> None:
    demo = DemoSettings(data=tmp_path)
    written = settings.load(demo_settings.write_terminal(demo, Ports()))
    profile = settings.load(demo_settings.PROFILE)
    assert written.link == profile.link
    links = {"id_card_reader", "code_scanner", "io_board"}
    assert {n: d.port for n, d in written.devices.items() if n not in links} == {
        n: d.port for n, d in profile.devices.items() if n not in links
    }
    for name in links:
        assert written.devices[name].port == str(tmp_path / "bench" / name.replace("_", "-"))


def test_the_profile_knows_what_is_wired_to_the_bench_io_board() -> None:
    options = settings.load(demo_settings.PROFILE).devices["io_board"].options
    assert (options["inputs"], options["lights"], options["strikes"]) == (INPUTS, LIGHTS, STRIKES)


def test_base_0_takes_free_and_different_ports() -> None:
    ports = astuple(choose_ports(0))
    assert len(set(ports)) == len(ports)
    for port in ports:
        with socket.create_server(("127.0.0.1", port)):
            pass


def test_a_taken_port_is_named_with_what_to_do() -> None:
    base = choose_ports(0).desk
    with (
        socket.create_server(("127.0.0.1", base)),
        pytest.raises(PortTaken, match=rf"{base}, wanted for the desk.*--port-base"),
    ):
        choose_ports(base)


def test_the_hall_and_the_platform_learn_ports_place_and_token(tmp_path: Path) -> None:
    from hall.platform.settings import ServerSettings
    from hall.settings import HallSettings

    demo = DemoSettings(data=tmp_path)
    ports = choose_ports(0)
    terminal = demo_settings.write_terminal(demo, ports)
    hall = toml_file.load(demo_settings.write_hall(demo, ports, terminal), HallSettings)
    platform = toml_file.load(demo_settings.write_platform(demo, ports, terminal), ServerSettings)
    told = settings.load(terminal)
    assert (hall.area, hall.hall, hall.broker.port) == (
        told.identity.area,
        told.identity.hall,
        told.link.port,
    )
    assert told.platform.token in platform.tokens
    assert told.platform.url == platform.public_url
    assert told.platform.trust.parent == platform.data
    assert str(ports.bench) in platform.sms_url


def test_a_terminal_may_lack_a_device_of_the_profile(tmp_path: Path) -> None:
    demo = DemoSettings(data=tmp_path, changes={"devices.special_printer": None})
    written = settings.load(demo_settings.write_terminal(demo, Ports()))
    profile = settings.load(demo_settings.PROFILE)
    assert set(profile.devices) - set(written.devices) == {"special_printer"}


def test_changes_reach_the_terminals_settings(tmp_path: Path) -> None:
    changes = dict([parse_change("session.idle_seconds=61"), parse_change("identity.kiosk=K007")])
    demo = DemoSettings(data=tmp_path, changes=changes)
    written = settings.load(demo_settings.write_terminal(demo, Ports()))
    assert (written.session.idle_seconds, written.identity.kiosk) == (61, "K007")


def test_a_change_that_names_no_setting_is_told(tmp_path: Path) -> None:
    demo = DemoSettings(data=tmp_path, changes=dict([parse_change("session.idle=61")]))
    with pytest.raises(ConfigError, match=r"session\.idle"):
        demo_settings.write_terminal(demo, Ports())


def test_a_webcam_is_used_and_may_enrol(tmp_path: Path) -> None:
    written = settings.load(demo_settings.write_terminal(DemoSettings(data=tmp_path, camera=0), Ports()))
    assert written.devices["person_camera"].port == "0"
    assert written.face.enrol_on_camera
