"""The mathematics of a touch panel: which affine map brings touches onto crosses, if any honest one does.

Places are parts (0–1) of the picture's width and height, from its upper left. A map is six numbers, row by
row; X wants nine, the last row being 0 0 1 (xinput's `Coordinate Transformation Matrix`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Place = tuple[float, float]
Matrix = tuple[float, ...]  # nine numbers, row by row

CROSSES: tuple[Place, ...] = ((0.12, 0.1), (0.88, 0.1), (0.5, 0.5), (0.88, 0.9), (0.12, 0.9))
FARTHEST = 0.03  # of the picture, from a mapped touch to its cross: a finger on 1080 pixels is 30 off at most
SMALLEST, LARGEST = 0.25, 4.0  # by how much a panel's area may be off
IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


class Nonsense(ValueError):
    """These touches fit no panel; the text says what is off, in figures."""


@dataclass(frozen=True)
class Fit:
    """The map, and how far the worst touch still lies from its cross."""

    matrix: Matrix
    farthest: float


def fit(touched: Sequence[Place], crosses: Sequence[Place] = CROSSES) -> Fit:
    """The least-squares map of the touches onto the crosses. Nonsense when there is no honest one."""
    import numpy as np

    if len(touched) != len(crosses) or len(crosses) < 4:
        raise Nonsense(f"{len(touched)} touches of {len(crosses)}")
    places = np.column_stack([np.asarray(touched, dtype=float), np.ones(len(touched))])
    if not np.isfinite(places).all() or np.linalg.matrix_rank(places, tol=0.05) < 3:
        raise Nonsense("the touches lie on one line")
    aims = np.asarray(crosses, dtype=float)
    solved, *_ = np.linalg.lstsq(places, aims, rcond=None)
    farthest = float(np.linalg.norm(places @ solved - aims, axis=1).max())
    if farthest > FARTHEST:
        raise Nonsense(f"one touch is {farthest:.1%} off")
    size = abs(float(np.linalg.det(solved[:2, :])))
    if not SMALLEST <= size <= LARGEST:
        raise Nonsense(f"the panel would be {size:.2f} times its size")
    (a, d), (b, e), (c, f) = solved.tolist()
    return Fit((a, b, c, d, e, f, 0.0, 0.0, 1.0), farthest)


def after(first: Matrix, then: Matrix) -> Matrix:
    """The map that does `first`, then `then`."""
    rows = [then[at : at + 3] for at in (0, 3, 6)]
    return tuple(sum(row[k] * first[3 * k + column] for k in range(3)) for row in rows for column in range(3))


def mapped(matrix: Matrix, place: Place) -> Place:
    """Where this map brings a place."""
    x, y = place
    a, b, c, d, e, f, *_ = matrix
    return (a * x + b * y + c, d * x + e * y + f)


def alike(one: Matrix, other: Matrix) -> bool:
    """Whether two are the same, as far as X spells them."""
    return len(one) == len(other) and all(abs(a - b) < 1e-4 for a, b in zip(one, other, strict=True))
