"""Whoever may enter at an address is not told, whatever stands in the password."""

from __future__ import annotations

import pytest

from config.addresses import without_secrets


@pytest.mark.parametrize(
    ("port", "said"),
    [
        ("rtsp://admin:s3cret@192.168.1.9:554/1", "rtsp://…@192.168.1.9:554/1"),
        ("rtsp://admin:s3@cr@et@192.168.1.9/1", "rtsp://…@192.168.1.9/1"),
        ("rtsp://admin:s3/cret@192.168.1.9/1", "rtsp://…@192.168.1.9/1"),
        ("http://192.168.1.9/a@b.mjpg", "http://…@b.mjpg"),  # rather too much than half a password
        (
            "rtsp://192.168.1.9/1?user=a&password=s3cret&n=1",
            "rtsp://192.168.1.9/1?user=a&password=(not told)&n=1",
        ),
        ("rtsp://192.168.1.9/user=a_password=s3cret_n=1", "rtsp://192.168.1.9/user=a_password=(not told)"),
        ("serial@1-1.2", "serial@1-1.2"),
        ("", ""),
    ],
)
def test_a_password_in_an_address_is_not_told(port: str, said: str) -> None:
    assert without_secrets(port) == said
