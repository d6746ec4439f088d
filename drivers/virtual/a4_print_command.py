"""What ippeveprinter runs for each job: hands the document to the virtual printer and does as it is told.

A program of its own, started in isolated mode without site packages (15 ms), so it imports nothing of the
house. It reads lines `state …` (printer-state-reasons) and `attr …` (what the job has counted), which are
passed on to ippeveprinter, and `exit N`.
"""

import json
import os
import socket
import sys


def main(path: str) -> int:
    """The exit code that decides the job: 0 completed, else aborted."""
    with open(path, "rb") as file:
        document = file.read()
    os.unlink(path)  # no page of a citizen stays in the spool
    head = {
        "job": int(os.environ.get("IPP_JOB_ID", "0")),
        "name": os.environ.get("IPP_JOB_NAME", ""),
        "size": len(document),
        # Only what the job itself asks for: the printer's own defaults have other names.
        "sides": os.environ.get("IPP_SIDES", ""),
        "media": os.environ.get("IPP_MEDIA") or os.environ.get("IPP_MEDIA_COL", ""),
        "copies": int(os.environ.get("IPP_COPIES", "1")),
    }
    with socket.socket(socket.AF_UNIX) as line:
        line.connect("\0" + os.environ["KT_A4_LINE"])
        line.sendall(json.dumps(head).encode() + b"\n" + document)
        for order in line.makefile("r", encoding="ascii"):
            verb, _, rest = order.strip().partition(" ")
            if verb == "state":
                print(f"STATE: {rest}", file=sys.stderr, flush=True)
            elif verb == "attr":
                print(f"ATTR: {rest}", file=sys.stderr, flush=True)
            elif verb == "exit":
                return int(rest)
    return 1  # the virtual printer is gone


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
