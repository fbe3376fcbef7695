"""How a scene is taken: light, view, air and camera."""

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from geoseg.training.camera.sensor import Sensor, Swath
from geoseg.training.camera.weather import Air
from geoseg.training.land.landscape import LANDS
from geoseg.training.land.place import SEASONS
from geoseg.training.land.world import Land as Land

CASTS: Final = (
    (0.62, 0.95, 1.25), (0.7, 1.0, 1.05), (1.15, 1.0, 0.8), (0.95, 1.05, 0.85), (1.08, 0.98, 1.06),
    (0.5, 0.9, 1.3),
)  # fmt: skip
"""Strong colour casts of real scenes: blue-green, cyan, warm, green, magenta, blue."""


@dataclass(frozen=True, slots=True)
class View:
    """Where sun and camera stand."""

    sun_azimuth: float = 135.0
    """Degrees from north, clockwise: where the sun stands."""

    sun_elevation: float = 50.0
    """Degrees above the horizon."""

    shade: float = 0.5
    """What is left of the light in a shadow, 0..1."""

    lean: float = 0.0
    """Degrees by which the camera looks from the side: walls show and roofs move."""

    lean_azimuth: float = 0.0
    """Degrees from north, clockwise: towards where the tops of things move."""

    def __post_init__(self) -> None:
        if not 5 <= self.sun_elevation <= 90:
            raise ValueError(f"sun_elevation is {self.sun_elevation}; it must be 5 to 90 degrees")
        if not 0 <= self.lean <= 45:
            raise ValueError(f"lean is {self.lean}; it must be 0 to 45 degrees")


@dataclass(frozen=True, slots=True)
class SceneOptions:
    """Everything about a scene but where and how large it is."""

    land: Land = field(default_factory=Land)
    """What is there."""

    view: View = field(default_factory=View)
    """Light and lean."""

    air: Air = field(default_factory=Air)
    """Haze and clouds."""

    sensor: Sensor = field(default_factory=Sensor)
    """The camera."""

    swath: Swath | None = None
    """Where the sensor's data end; None where nothing is missing."""


def random_view(rng: np.random.Generator) -> View:
    """Some hour of the day, from nearly above or from the side."""
    leans = rng.random() < 0.3
    return View(
        sun_azimuth=float(rng.uniform(0, 360)),
        sun_elevation=float(rng.uniform(28, 75)),
        shade=float(rng.uniform(0.3, 0.75)),
        lean=float(rng.uniform(5, 30)) if leans else 0.0,
        lean_azimuth=float(rng.uniform(0, 360)),
    )


def random_sensor(rng: np.random.Generator, gsd: float) -> Sensor:
    """Some camera, often a good one."""
    kind = rng.choice(["usual", "cast", "grey", "pale", "dark"], p=[0.66, 0.14, 0.06, 0.07, 0.07])
    gain = rng.normal(1, 0.035, 3)
    if kind == "cast":
        gain = gain * np.array(CASTS[rng.integers(len(CASTS))]) * rng.uniform(0.9, 1.1, 3)
    blurred = (rng.random() < 0.25) * rng.uniform(0, 0.9) * min(0.3 / gsd, 2)
    sensor = Sensor(
        gain=(float(gain[0]), float(gain[1]), float(gain[2])),
        gamma=float(rng.uniform(0.8, 1.3)),
        contrast=float(rng.uniform(0.8, 1.15)),
        brightness=float(rng.uniform(104, 145)),
        saturation=float(rng.uniform(0.55, 1.1)),
        blur_px=float(rng.uniform(0.35, 0.8) + blurred),
        grain=float(rng.uniform(0, 5) * rng.random()),
        quality=int(rng.integers(35, 98)),
    )
    changes: dict[str, dict[str, float]] = {
        "grey": {"saturation": 0.0, "contrast": float(rng.uniform(0.8, 1.4))},
        "pale": {
            "contrast": float(rng.uniform(0.45, 0.7)),
            "brightness": float(rng.uniform(140, 185)),
        },
        "dark": {
            "contrast": float(rng.uniform(0.5, 0.8)),
            "brightness": float(rng.uniform(70, 95)),
        },
    }
    return replace(sensor, **changes.get(str(kind), {}))  # type: ignore[arg-type] # fields are named


def random_swath(rng: np.random.Generator, gsd: float) -> Swath:
    """An edge that cuts a small scene."""
    turn = rng.uniform(0, np.pi / 2)
    return Swath(float(np.sin(turn)), float(np.cos(turn)), float(rng.uniform(200, 600) * gsd))


def random_scene_options(rng: np.random.Generator, *, gsd: float) -> SceneOptions:
    """A scene of some style in some season, taken somehow."""
    season = str(rng.choice(SEASONS, p=[0.15, 0.45, 0.12, 0.16, 0.09, 0.03]))
    density = 1.0 if rng.random() < 0.6 else float(rng.uniform(0.3, 1))
    return SceneOptions(
        land=Land(style=str(rng.choice(sorted(LANDS))), season=season, density=density),
        view=random_view(rng),
        air=Air(
            haze=float(rng.uniform(0, 0.3) ** 1.5),
            clouds=float(rng.uniform(0.05, 0.4)) if rng.random() < 0.07 else 0.0,
        ),
        sensor=random_sensor(rng, gsd),
        swath=random_swath(rng, gsd) if rng.random() < 0.05 else None,
    )
