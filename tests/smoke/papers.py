"""What came out of the printers, read by others than those who made it."""

from __future__ import annotations

import subprocess


def text_of(pdf: bytes) -> str:
    """The text of a PDF as poppler extracts it, without blanks and line ends."""
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True, timeout=20)
    return "".join(done.stdout.decode("utf-8").split())
