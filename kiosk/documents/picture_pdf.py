"""A PDF of pictures, one on each page: no metadata, no clock, and no page held but the one being written.

Pillow writes PDFs too, but keeps every page in memory until the last and dates the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_POINTS = 72 / 25.4  # of a millimetre


@dataclass(frozen=True)
class Sheet:
    """One page: a JPEG of red, green and blue, its size in pixels, and the paper's in millimetres."""

    jpeg: bytes
    width: int
    height: int
    paper: tuple[float, float]

    def __repr__(self) -> str:
        """No pixels: the paper is a person's."""
        return f"Sheet({self.width}x{self.height})"


def document(sheets: Iterable[Sheet]) -> bytes:
    """The PDF (1.4). Each picture fills its page. ValueError without a page."""
    bodies: list[bytes] = [b"", b""]  # 1 the catalogue, 2 the list of pages; three for each page
    kids: list[int] = []
    for sheet in sheets:
        first = len(bodies) + 1
        wide, high = (side * _POINTS for side in sheet.paper)
        drawing = f"q {wide:.3f} 0 0 {high:.3f} 0 0 cm /P Do Q".encode()
        bodies += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {wide:.3f} {high:.3f}] /Contents {first + 1} 0 R "
            f"/Resources << /XObject << /P {first + 2} 0 R >> >> >>".encode(),
            _stream("", drawing),
            _stream(
                f"/Type /XObject /Subtype /Image /Width {sheet.width} /Height {sheet.height} "
                "/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode ",
                sheet.jpeg,
            ),
        ]
        kids.append(first)
    if not kids:
        raise ValueError("a document has at least one page")
    bodies[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    listed = " ".join(f"{kid} 0 R" for kid in kids)
    bodies[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{listed}] >>".encode()
    return _file(bodies)


def _stream(entries: str, data: bytes) -> bytes:
    return f"<< {entries}/Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def _file(bodies: list[bytes]) -> bytes:
    """The objects with the table of their places (ISO 32000-1, 7.5)."""
    made = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(bodies, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = len(made)
    made += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode()
    made += "".join(f"{place:010} 00000 n \n" for place in places).encode()
    made += f"trailer\n<< /Size {len(bodies) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode()
    return bytes(made)
