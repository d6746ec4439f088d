"""What came out of the printers, read by others than those who made it."""

from __future__ import annotations

import subprocess

import cv2
import numpy as np


def text_of(pdf: bytes) -> str:
    """The text of a PDF as poppler extracts it, without blanks and line ends."""
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True, timeout=20)
    return "".join(done.stdout.decode("utf-8").split())


def code_on(picture: bytes) -> str:
    """What the QR code on a picture says; empty when there is none to be read."""
    grey = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        return ""
    for scale in (1, 2, 3):
        larger = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
        said, _, _ = cv2.QRCodeDetector().detectAndDecode(larger)
        if said:
            return str(said)
    return ""
