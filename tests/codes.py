"""QR codes on paper, read by another house's eye: OpenCV's."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image


def codes_on(paper: bytes | Image.Image) -> list[str]:
    """What the codes of a picture (or a PNG of it) say, from the top; what cannot be read is not there."""
    if isinstance(paper, bytes):
        grey = cv2.imdecode(np.frombuffer(paper, np.uint8), cv2.IMREAD_GRAYSCALE)
    else:
        grey = np.asarray(paper.convert("L"))
    if grey is None:
        return []
    found: dict[str, float] = {}
    # Two eyes: of two codes the first overlooks one in about every tenth paper, at any size.
    for eye in (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco()):
        for scale in (1, 2):
            larger = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
            _, said, corners, _ = eye.detectAndDecodeMulti(larger)
            for code, at in zip(said, corners if said else (), strict=True):
                if code:
                    found.setdefault(code, float(at[:, 1].min()) / scale)
    return sorted(found, key=lambda code: found[code])
