"""How each kind of thing is painted on the canvas."""

from typing import Final

from geoseg.training.camera.canvas import Canvas, covered
from geoseg.training.camera.painters.aircraft import AIRCRAFT
from geoseg.training.camera.painters.courts import COURTS
from geoseg.training.camera.painters.crops import FARMLAND
from geoseg.training.camera.painters.crowns import CROWNS, STANDS
from geoseg.training.camera.painters.ground import GROUNDS
from geoseg.training.camera.painters.roofs import ROOFS
from geoseg.training.camera.painters.ships import SHIPS
from geoseg.training.camera.painters.spot import Painter, Spot, Sun
from geoseg.training.camera.painters.vehicles import VEHICLES
from geoseg.training.camera.painters.waters import WATERS
from geoseg.training.camera.painters.ways import WAYS
from geoseg.training.camera.painters.works import WORKS
from geoseg.training.land.thing import Thing

__all__ = ["PAINTERS", "Sun", "paint"]

PAINTERS: Final[dict[str, Painter]] = {
    **GROUNDS, **FARMLAND, **CROWNS, **STANDS, **ROOFS, **WATERS, **WAYS, **VEHICLES, **SHIPS,
    **AIRCRAFT, **WORKS, **COURTS, "crop": FARMLAND["sown"], "lorry": VEHICLES["truck"],
}  # fmt: skip
"""The painter of each kind of thing."""


def paint(canvas: Canvas, thing: Thing, *, label: int, sun: Sun) -> None:
    """Paint one thing; its pixels get the label (0 leaves the label below)."""
    found = covered(canvas.pixels(thing.outline), canvas.shape)
    if found is None:
        return
    window, mask = found
    spot = Spot(canvas, thing, sun, window=window, mask=mask)
    if not len(spot):
        return
    canvas.rgb.reshape(-1, 3)[spot.places] = PAINTERS[thing.kind.removeprefix("wing:")](spot)
    if label:
        canvas.ids.reshape(-1)[spot.places] = label
