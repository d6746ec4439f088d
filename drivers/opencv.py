"""OpenCV as this house uses it: loaded when first needed, one thread, quiet.

Importing it costs a tenth of a second and tens of megabytes, which neither the home page nor a terminal
without a camera should pay. Its settings are read from the environment at import, so they stand here, once.
"""

from __future__ import annotations

import os
from typing import Any

from drivers.device import DeviceError

_SETTINGS = {
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "2",  # seconds; 10 by default: a dead webcam would block its worker
    "OPENCV_LOG_LEVEL": "OFF",  # its words on a failed source hold the address with its password
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
    # Start from the first pictures of a stream instead of listening to it for five seconds; RTSP over TCP,
    # which loses no parts of pictures.
    "OPENCV_FFMPEG_CAPTURE_OPTIONS": "fflags;nobuffer+discardcorrupt|analyzeduration;200000|probesize;200000"
    "|rtsp_transport;tcp",
}


def load() -> Any:
    """The module `cv2`, held to one thread: the terminal has two cores, and one of them is the screen's.

    DeviceError `device_misconfigured` when it is not installed or does not load.
    """
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        import cv2
    except ImportError as error:
        raise DeviceError("device_misconfigured", f"OpenCV does not load: {error}") from None
    cv2.setNumThreads(1)
    return cv2
