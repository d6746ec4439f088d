"""Whoever may enter at an address is not told, whatever stands in the password."""

from __future__ import annotations

import pytest

from config.addresses import without_user


@pytest.mark.parametrize(
    ("port", "said"),
    [
        ("rtsp://admin:s3cret@192.168.1.9:554/1", "rtsp://…@192.168.1.9:554/1"),
        ("rtsp://admin:s3@cr@et@192.168.1.9/1", "rtsp://…@192.168.1.9/1"),
        ("rtsp://admin:s3/cret@192.168.1.9/1", "rtsp://…@192.168.1.9/1"),
        ("http://192.168.1.9/a@b.mjpg", "http://…@b.mjpg"),  # rather too much than half a password
        ("serial@1-1.2", "serial@1-1.2"),
        ("", ""),
    ],
)
def test_a_password_in_an_address_is_not_told(port: str, said: str) -> None:
    assert without_user(port) == said
