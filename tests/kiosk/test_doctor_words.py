"""What the readiness report says of a device's place."""

from __future__ import annotations

import pytest

from kiosk.device_trial import without_password


@pytest.mark.parametrize(
    ("port", "said"),
    [
        ("rtsp://admin:s3cret@192.168.1.9:554/1", "rtsp://…@192.168.1.9:554/1"),
        ("http://192.168.1.9/a@b.mjpg", "http://192.168.1.9/a@b.mjpg"),
        ("serial@1-1.2", "serial@1-1.2"),
        ("", ""),
    ],
)
def test_a_password_in_a_camera_s_address_is_not_told(port: str, said: str) -> None:
    assert without_password(port) == said
