"""`geoseg info`: what a scene is, what a model costs, and how long a run would take."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Self

import numpy as np
import psutil
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from geoseg.cli.errors import to_json, told
from geoseg.cli.flags import flagged
from geoseg.cli.known_model import Known
from geoseg.cli.segment import Config, Json, merged
from geoseg.costs import GIGA, GPU_PEAKS, MULTIPLY_ADD
from geoseg.errors import OptionsError
from geoseg.options import RunOptions
from geoseg.pipeline import check_chip
from geoseg.segmenter import EMBEDDED
from geoseg.yaml_file import load_yaml
from tiles.colour import Stretch, stretch_of
from tiles.grid import ChipGrid
from tiles.measuring import gsd_m
from tiles.reading import Raster, open_raster
from tiles.vrt_sources import lost_sources

LOADING_S = 4
"""What starting and loading a small model takes."""

READING_BYTES_S = 1e9
"""What a disk gives of a large one; assumed."""

CPU_SHARE = 0.7
"""Of the speed of numpy's matrix product; on one and two cores mostly 0.7 to 0.9 were measured."""

GPU_SHARE = 0.4
"""Of a GPU's peak; assumed."""

MATRIX_SIDE, TRIED_S = 1024, 0.2
"""Of the matrix product that tells how fast this machine is."""

ON_CPU = ("auto", "cpu")
"""Devices whose speed is told; whether there is a GPU is not known without loading torch."""

SMALLER = "use --dtype bfloat16, a smaller model or a larger machine"

LATER = "unknown until it is loaded"

MIB, GIB = 2**20, 2**30


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a model is on this machine's CPU."""

    chips_per_second: float | None
    """For one query; None where nothing is known."""

    origin: str | None
    """Measured or guessed, and how."""

    @classmethod
    def of(cls, model: Known) -> Self:
        """As the model's makers measured it, or guessed from its arithmetic."""
        if model.facts.chips_per_second:
            return cls(model.facts.chips_per_second, "measured by its makers on two cores")
        if model.costs is None:
            return cls(None, None)
        speed = matrix_speed()
        how = f"guessed: {CPU_SHARE:.0%} of numpy's matrix product here, {speed / GIGA:.0f} GFLOP/s"
        return cls(model.costs.chips_per_second(speed, share=CPU_SHARE), how)


@told
@flagged("chips", "image", "model")
def info(
    *,
    scene: Annotated[
        str | None,
        typer.Argument(
            help="A raster: path, URL, VRT, or anything GDAL opens; not needed with --model.",
            metavar="SCENE",
        ),
    ] = None,
    queries: Annotated[
        int, typer.Option("--queries", help="How many queries to plan for.", min=1)
    ] = 1,
    config: Config = None,
    json: Json = False,
    given: Mapping[str, Mapping[str, Any]],
) -> None:
    """Say what a scene is, what a model (--model) costs, how long a run would take."""
    options = RunOptions.of(merged(load_yaml(config) if config else {}, given))
    name = options.model.name
    if scene is None and name is None:
        raise OptionsError("there is nothing to tell about; give a scene, --model M, or both")
    model = Known.by(name or EMBEDDED)
    pace = Pace.of(model)
    facts: dict[str, Any] = {}
    if scene is not None:
        facts |= of_scene(scene, options, model=model)
        facts |= duration(facts["chips"], options, pace=pace, model=model, queries=queries)
    if name is not None:
        facts |= parts(model) | memory(model, queries) | speed(model, pace, queries=queries)
    facts["notices"] = [*facts.pop("notices", []), *warnings(model, options)]
    if json:
        typer.echo(to_json(facts))
    else:
        show(facts, title=scene or model.name)


def of_scene(scene: str, options: RunOptions, *, model: Known) -> dict[str, Any]:
    """What a scene is and how it would be read."""
    image = options.image
    with open_raster(
        scene, bands=image.bands, nodata=image.nodata, crs=image.assign_crs, gsd=image.gsd
    ) as raster:
        facts = {**about(raster), "stretch": brightness(stretch_of(raster, image.stretch))}
        return facts | plan(raster, options, model=model)


def about(raster: Raster) -> dict[str, Any]:
    """What the raster is."""
    box = raster.geobox
    facts: dict[str, Any] = {
        "rows": raster.height,
        "columns": raster.width,
        "bands_in_file": raster.count,
        "bands_used": list(raster.bands),
        "type": str(raster.dtype),
        "crs": None if box.crs is None else str(box.crs),
        "bounds": None if box.crs is None else [round(edge, 8) for edge in box.boundingbox.bbox],
        "gsd_m": None,
        "notices": [*raster.notices, *gone(lost_sources(raster.files))],
    }
    if box.crs is not None:
        facts["gsd_m"] = [round(metres, 4) for metres in gsd_m(box)]
    return facts


def gone(files: Sequence[Path]) -> Iterator[str]:
    """What to say of sources of a VRT that are not there; GDAL does only when it reads them."""
    if files:
        yield (
            f"{len(files)} of the files that the scene is made of "
            f"{'is' if len(files) == 1 else 'are'} not there, such as '{files[0]}': chips that "
            "need them cannot be read; bring them back, or make the VRT anew"
        )


def brightness(stretch: Stretch) -> str:
    """A stretch in words."""
    if stretch.colours is not None:
        return "colour table"
    ranges = [f"{low:g} to {high:g}" for low, high in zip(stretch.low, stretch.high, strict=True)]
    return " / ".join(ranges if len(set(ranges)) > 1 else ranges[:1])


def plan(raster: Raster, options: RunOptions, *, model: Known) -> dict[str, Any]:
    """How the raster would be cut into chips."""
    chip_size = model.facts.chip_size
    check_chip(raster, chip_size)
    overlap = options.chips.overlap_of(chip_size)
    grid = ChipGrid(raster.height, raster.width, chip_size, overlap)
    return {
        "model": model.name,
        "chip_size": chip_size,
        "overlap": overlap,
        "chips": len(grid),
    }


def duration(
    chips: int, options: RunOptions, *, pace: Pace, model: Known, queries: int
) -> dict[str, Any]:
    """How long a run on the CPU would take."""
    if pace.chips_per_second is None or options.model.device not in ON_CPU:
        return {"seconds_about": None, "seconds_are": None}
    asking = chips / pace.chips_per_second * model.slower(queries)
    reading = 0.0 if model.costs is None else model.costs.weight_bytes("bfloat16") / READING_BYTES_S
    return {
        "seconds_about": round(LOADING_S + reading + asking),
        "seconds_are": f"of the CPU, {pace.origin}",
    }


def parts(model: Known) -> dict[str, Any]:
    """What the model is."""
    facts, costs = model.facts, model.costs
    language = None if facts.sizes is None else facts.sizes.language
    return {
        "model": model.name,
        "kind": facts.kind,
        "told_by": model.origin,
        "chip_size": facts.chip_size,
        "parameters": facts.parameters if costs is None else costs.parameters.total,
        "parameters_by_part": None if costs is None else asdict(costs.parameters),
        "language_model": language
        and f"{language.kind}, {language.layers} layers, {language.width} wide",
        "can_reject": facts.can_reject,
    }


def memory(model: Known, queries: int) -> dict[str, Any]:
    """Bytes of the weights, and roughly what each chip of a batch takes beside them."""
    if (costs := model.costs) is None:
        return {}
    weights = ("float32", "bfloat16", "8bit", "4bit")
    chips = ("float32", "bfloat16")
    return {f"weights_{dtype}_bytes": costs.weight_bytes(dtype) for dtype in weights} | {
        f"each_chip_{dtype}_bytes": costs.chip_bytes(dtype, queries=queries) for dtype in chips
    }


def speed(model: Known, pace: Pace, *, queries: int) -> dict[str, Any]:
    """Arithmetic per chip, and how many chips a second that makes."""
    costs, rate = model.costs, pace.chips_per_second
    on_cpu = {
        "chips_per_second_cpu": rate and brief(rate / model.slower(queries)),
        "cpu_speed_is": pace.origin,
    }
    if costs is None:
        return {"queries": queries, **on_cpu}
    arithmetic = {
        "shared_gflop": round(costs.shared_gflop, 1),
        "query_gflop": round(costs.query_gflop, 1),
        "queries": queries,
        "speed_up": round(costs.speed_up(queries), 1),
    }
    on_gpu = {
        name: brief(costs.chips_per_second(peak, share=GPU_SHARE, queries=queries))
        for name, peak in GPU_PEAKS.items()
    }
    how = f"guessed: {GPU_SHARE:.0%} of the peak in dense bfloat16; small models reach less"
    return arithmetic | on_cpu | {"chips_per_second_gpu": on_gpu, "gpu_speed_is": how}


def warnings(model: Known, options: RunOptions) -> list[str]:
    """What would go wrong, or cannot be told."""
    return [*incomplete(model), *too_large(model, options)]


def incomplete(model: Known) -> list[str]:
    """What to say of a checkpoint that cannot be loaded."""
    if not model.lacks:
        return []
    return [f"'{model.name}' cannot be loaded: it has {model.lacks}; copy or download it again"]


def too_large(model: Known, options: RunOptions) -> list[str]:
    """What to say where memory is short, or times are not told."""
    if options.model.device not in ON_CPU:
        return ["times are told for the CPU only; --model M tells chips a second for some GPUs"]
    if model.costs is None:
        return []
    dtype = {"auto": "float32"}.get(options.model.dtype, options.model.dtype)
    # quantised weights were read in this dtype first
    needed = model.costs.weight_bytes(dtype) + options.chips.batch * model.costs.chip_bytes(dtype)
    if needed <= (available := psutil.virtual_memory().available):
        return []
    needs, has = size_of(needed), size_of(available)
    return [f"the model needs about {needs} in {dtype}, but {has} are available here; {SMALLER}"]


def matrix_speed() -> float:
    """Operations a second of numpy's matrix product, measured here and now."""
    matrix = np.ones((MATRIX_SIDE, MATRIX_SIDE), np.float32)
    _, products, start = matrix @ matrix, 0, time.perf_counter()
    while (seconds := time.perf_counter() - start) < TRIED_S:
        _, products = matrix @ matrix, products + 1
    return products * MULTIPLY_ADD * MATRIX_SIDE**3 / seconds


def show(facts: Mapping[str, Any], *, title: str) -> None:
    """Print facts as a table."""
    table = Table(show_header=False, title=Text(title), title_justify="left")
    for name, value in facts.items():
        label = name.removesuffix("_bytes").replace("_", " ")
        is_size = name.endswith("_bytes") and value is not None
        text = size_of(value) if is_size else text_of(value)
        is_later = name == "can_reject" and value is None
        table.add_row(label, Text(LATER if is_later else text))
    Console().print(table)


def text_of(value: object) -> str:
    """A fact as people read it.

    >>> text_of({"L4": 46.7, "H100": 382.0})
    'L4 46.7, H100 382'
    """
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        named = (f"{name} {text_of(part)}" for name, part in value.items())
        return ", ".join(named).replace("_", " ")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,}".removesuffix(".0") if isinstance(value, int | float) else str(value)


def size_of(count: int) -> str:
    """Bytes as people read them.

    >>> size_of(3 * 2**30), size_of(5 * 2**20)
    ('3.0 GiB', '5.0 MiB')
    """
    return f"{count / GIB:.1f} GiB" if count >= GIB else f"{count / MIB:.1f} MiB"


def brief(rate: float) -> float:
    """A guess without digits that say nothing.

    >>> brief(381.73)
    382.0
    """
    return float(f"{rate:.3g}")
