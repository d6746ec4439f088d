"""Two webcams on the bus: which names does a technician find for them?

No camera can be plugged in here, and no kernel module stands in for one: the kernel's files are laid out by
hand, as Linux 6.1 lays them out.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drivers import opencv
from drivers.camera import Camera
from drivers.camera_places import FoundCamera, find_cameras
from drivers.device import DeviceError


def plug(root: Path, number: int, name: str, index: int = 0, **links: str) -> None:
    """One video node with its name and its links by-id and by-path."""
    node, entry = root / f"dev/video{number}", root / f"sys/class/video4linux/video{number}"
    entry.mkdir(parents=True)
    (entry / "name").write_text(name + "\n", encoding="utf-8")
    (entry / "index").write_text(f"{index}\n", encoding="ascii")
    node.parent.mkdir(exist_ok=True)
    node.touch()
    for way, link in links.items():
        folder = root / "dev/v4l" / way.replace("_", "-")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / link).symlink_to(f"../../video{number}")


def found(root: Path) -> tuple[FoundCamera, ...]:
    return find_cameras(root / "dev", root / "sys")


def test_each_webcam_is_found_once_by_the_name_that_outlasts_a_replug(tmp_path: Path) -> None:
    plug(tmp_path, 2, "DocCam", by_path="pci-0000:00:14.0-usb-0:3:1.0-video-index0")
    plug(tmp_path, 0, "USB Camera", by_id="usb-Maker_USB_Camera_SN0001-video-index0", by_path="pci-0-index0")
    plug(tmp_path, 1, "USB Camera", 1, by_id="usb-Maker_USB_Camera_SN0001-video-index1")
    plug(tmp_path, 10, "Bare")
    v4l = tmp_path / "dev/v4l"
    assert found(tmp_path) == (
        FoundCamera(str(v4l / "by-id/usb-Maker_USB_Camera_SN0001-video-index0"), "USB Camera"),
        FoundCamera(str(v4l / "by-path/pci-0000:00:14.0-usb-0:3:1.0-video-index0"), "DocCam"),
        FoundCamera(str(tmp_path / "dev/video10"), "Bare"),
    )


def test_no_camera_no_finding(tmp_path: Path) -> None:
    assert found(tmp_path) == ()


@pytest.mark.parametrize("port", ["0", "/dev/v4l/by-id/usb-Maker_USB_Camera_SN0001-video-index0"])
def test_a_camera_that_is_not_plugged_in_is_absent(port: str) -> None:
    with pytest.raises(DeviceError, match="device_absent"):
        Camera(port=port).open()


@pytest.mark.parametrize("port", ["/dev/null", "/dev/shm"])
def test_a_node_of_something_else_is_a_mistake_of_the_settings(port: str) -> None:
    with pytest.raises(DeviceError, match="device_misconfigured"):
        Camera(port=port).open()


def test_a_webcam_that_dies_blocks_for_two_seconds_and_not_for_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", raising=False)
    opencv.load()
    assert os.environ["OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"] == "2"
