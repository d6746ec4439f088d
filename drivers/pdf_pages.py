"""How many pages a PDF has."""

from __future__ import annotations

import io


def pages(pdf: bytes) -> int | None:
    """The number of its pages; None when that cannot be told."""
    # Brought in by whoever checked the document's signature before; the home page need not wait for it.
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        count = PdfFileReader(io.BytesIO(pdf), strict=False).root["/Pages"]["/Count"]
    except Exception:  # whatever a broken file makes of the reader: the printer is the judge of it
        return None
    return int(count) if isinstance(count, int) and count > 0 else None
