"""Polygons from the corners of their outlines.

The outline of an object drawn in pixels runs along pixel edges, so each of its corners joins one
horizontal and one vertical edge. A corner is written as one whole number, its *code*::

    (row * pitch + column) * 4 + left * 2 + top

`row` and `column` say where it lies on the lattice of pixel corners, whose rows are `pitch` long.
`left` is 1 where its vertical edge is a left side (the object lies to the right of the edge),
`top` is 1 where it is the upper end of that edge. Sorted codes are in reading order, and where two
corners meet in one lattice point, the one whose horizontal edge leads to the left comes first.
"""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

Integers = NDArray[np.int64]

LEFT, TOP = 2, 1
POSITION_SHIFT = 2
RADIX = 16  # numpy sorts keys of 16 bits in linear time


def polygons_of(codes: Integers, owners: Integers, *, pitch: int) -> NDArray[np.object_]:
    """The polygon of each owner 0, 1, 2 ..., given all corners of all their outlines.

    Vertices are whole numbers (x = column, y = row) and corners only. Shells run so that the
    object lies to the left for someone who looks at the raster with row 0 at the top.

    >>> square = np.array([[0, LEFT | TOP], [3, TOP], [12, LEFT], [15, 0]])  # pitch 4
    >>> codes = (square[:, 0] << POSITION_SHIFT) | square[:, 1]
    >>> print(polygons_of(codes, np.zeros(4, np.int64), pitch=4)[0])
    POLYGON ((3 0, 0 0, 0 3, 3 3, 3 0))
    """
    vertices, *offsets = _outlines(codes, owners, pitch)
    polygons: NDArray[np.object_] = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, vertices, tuple(offsets)
    )
    return polygons


def _outlines(
    codes: Integers, owners: Integers, pitch: int
) -> tuple[NDArray[np.float64], Integers, Integers]:
    """Vertices (n, 2) of all rings, where each ring begins, and with which ring each owner."""
    codes, owners = _in_reading_order(codes, owners)
    corners, ring_sizes, ring_owners = _rings(codes, owners, pitch)
    vertices = np.empty((len(corners), 2))
    np.divmod(codes[corners] >> POSITION_SHIFT, pitch, out=(vertices[:, 1], vertices[:, 0]))
    return vertices, _offsets(ring_sizes), _offsets(np.bincount(ring_owners))


def _in_reading_order(codes: Integers, owners: Integers) -> tuple[Integers, Integers]:
    """The codes sorted, and their owners in the same order."""
    order = np.argsort(codes, kind="stable")  # pieces arrive sorted: merging them is linear
    return codes[order], owners[order]


def _rings(codes: Integers, owners: Integers, pitch: int) -> tuple[Integers, Integers, Integers]:
    """The corners ring after ring, each ring closed; its corners, and its owner."""
    # c corners, c / 2 horizontal edges
    # Sorted, the corners of each lattice row pair up into horizontal edges: 0-1, 2-3, ...
    # An edge is entered at one corner and left at the other, where its vertical edge begins.
    left_at = (codes & LEFT > 0) == (codes & TOP > 0)  # left sides run down, right sides up
    last = 2 * np.arange(len(codes) // 2) + left_at[1::2]  # (c / 2,) corner at the edge's end
    following = _vertical_partners(codes, owners, pitch)[last] >> 1

    edges, sizes, ring_owners = _in_ring_order(following, owners[::2])
    corners = np.stack((last ^ 1, last), axis=1)[edges].ravel()  # (c,)
    stops = 2 * np.cumsum(sizes)
    closed = np.insert(corners, stops, corners[stops - 2 * sizes])  # (c + rings,)
    return closed, 2 * sizes + 1, ring_owners


def _vertical_partners(codes: Integers, owners: Integers, pitch: int) -> Integers:
    """The corner at the other end of each corner's vertical edge.

    Sorted by column, then row, corners pair up like those of a row. Where two corners meet in one
    lattice point, the edge above must come before the edge below. If the corners belong to two
    objects, each keeps its own edge; if they belong to one, they exchange them: the outline then
    closes around the background, which leaves a hole that touches its shell, where the other way
    would be a shell that touches itself.
    """
    positions = codes >> POSITION_SHIFT
    index = np.arange(len(codes))
    meets = np.flatnonzero(positions[1:] == positions[:-1])
    falling = codes[meets] & TOP == 0  # upper left and lower right pixel, not the other diagonal
    swapped = meets[falling == (owners[meets] == owners[meets + 1])]
    index[swapped], index[swapped + 1] = swapped + 1, swapped
    pairs = index[_stable_order(positions % pitch)].reshape(-1, 2)
    partners = np.empty_like(index)
    partners[pairs] = pairs[:, ::-1]
    return partners


def _stable_order(keys: Integers) -> Integers:
    """The stable order of whole numbers >= 0, in linear time."""
    order = np.argsort(keys.astype(np.uint16), kind="stable")
    while keys.max(initial=0) >> RADIX:
        keys = keys >> RADIX
        order = order[np.argsort(keys[order].astype(np.uint16), kind="stable")]
    return order


def _in_ring_order(
    following: Integers, owners: Integers
) -> tuple[NDArray[np.int32], Integers, Integers]:
    """All edges ring after ring, the edges in each ring, and the owner of each ring.

    `following` leads from each edge to the next of its ring. Rings come by owner, and each
    owner's in reading order of their first edges, so that its shell comes before its holes.
    """
    edges = np.arange(len(following))
    _, ring_of = connected_components(_graph(following), directed=False)
    ring_sizes = np.bincount(ring_of)
    heads = np.empty_like(ring_sizes)
    heads[ring_of[::-1]] = edges[::-1]  # the last one written stays: the first edge of the ring
    rings = np.lexsort((heads, owners[heads]))
    heads = heads[rings]

    # Cut every ring before its head and hang the next ring there: one path to walk, once.
    preceding = np.empty_like(following)
    preceding[following] = edges
    path = following.copy()
    path[preceding[heads[:-1]]] = heads[1:]
    order = breadth_first_order(_graph(path), heads[0], return_predecessors=False)
    return order, ring_sizes[rings], owners[heads]


def _graph(following: Integers) -> csr_array:
    """The graph in which each node leads to one other."""
    count = len(following)
    return csr_array((np.ones(count), following, np.arange(count + 1)), shape=(count, count))


def _offsets(sizes: Integers) -> Integers:
    """Where each of several parts begins, and where the last one ends."""
    return np.concatenate(([0], np.cumsum(sizes)))
