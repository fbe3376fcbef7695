"""`geoseg evaluate`: how good a model is on data with truth."""

import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from geoseg.cli.errors import told
from geoseg.cli.flags import within
from geoseg.cli.segment import Json, progress_bar
from geoseg.errors import OptionsError
from geoseg.evaluation.answers import AUTO, LARGEST_WHOLE, PROTOCOLS, WHOLE, Terms
from geoseg.evaluation.evaluation import Evaluation, spread
from geoseg.evaluation.failures import Failure, contact_sheet
from geoseg.evaluation.outcomes import PRESENT
from geoseg.evaluation.pages import check_files, check_reports, json_of, table_of, write_reports
from geoseg.evaluation.report import Origin, report_of
from geoseg.evaluation.scene_names import open_scenes
from geoseg.evaluation.scenes import evaluate_scenes
from geoseg.options import RunOptions, variable_of
from geoseg.progress import Progress
from geoseg.segmenter import ChipSegmenter, load_segmenter
from geoseg.training.data.sources import chip_of, names_scenes, open_source
from geoseg.version import __version__
from tiles.writing import whole_or_nothing

WORST = 24
"""Answers on the sheet of failures."""

PICTURES = (".jpg", ".jpeg", ".png")
"""What a sheet of failures can be written as, by the extension of the file."""

Model = Annotated[
    str,
    typer.Argument(help="geoseg-tiny, the folder of a checkpoint, or a hub id.", metavar="MODEL"),
]
Dataset = Annotated[
    str,
    typer.Argument(
        help="Where the truth is: rendered:seed=123456, own-layer:own.yaml?split=val, a published "
        "data set such as rrsisd:/data/RRSIS-D?split=val, or whole scenes, as in "
        '"scenes:scene.tif?truth=truth.gpkg&column=query" or scenes:FOLDER/referring.jsonl.',
        metavar="DATASET",
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit",
        help="At most so many samples (of scenes: scenes), spread evenly.",
        metavar="N",
        callback=within(1),
    ),
]
Device = Annotated[
    str,
    typer.Option(
        "--device",
        help="Where the model runs: auto, cpu, cuda:0.",
        metavar="DEV",
        envvar=variable_of("--device"),
    ),
]
Shown = Annotated[
    bool | None,
    typer.Option("--progress/--no-progress", help="Show a progress bar.", show_default=False),
]


@told
def evaluate_command(  # noqa: PLR0913 one parameter per flag
    model: Model,
    dataset: Dataset,
    *,
    output: Annotated[
        list[Path] | None,
        typer.Option("-o", "--output", help="A report: .md or .json.", metavar="FILE"),
    ] = None,
    failures: Annotated[
        Path | None,
        typer.Option("--failures", help="A picture of the worst answers.", metavar="FILE.jpg"),
    ] = None,
    protocol: Annotated[
        str,
        typer.Option(
            "--protocol",
            help="How images are shown: whole (resized to a chip), chips (cut and blended), or "
            "auto: whole up to twice a chip.",
            metavar="HOW",
        ),
    ] = AUTO,
    presence: Annotated[
        float,
        typer.Option(
            "--presence",
            help="Below this nothing counts as answered: from 0 to 1.",
            callback=within(0, 1),
        ),
    ] = PRESENT,
    limit: Limit = None,
    device: Device = "auto",
    mode: Annotated[
        str,
        typer.Option(
            "--mode",
            help="How presence is decided: auto, gres, res or mask.",
            envvar=variable_of("--mode"),
        ),
    ] = "auto",
    seed: Annotated[
        int,
        typer.Option("--seed", help="Of the resampling for the intervals.", callback=within(0)),
    ] = 0,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that exist already.")
    ] = False,
    json: Json = False,
    progress: Shown = None,
) -> None:
    """Measure a model on data with truth: IoU, precision, refusals, with intervals."""
    reports = output or []
    running = RunOptions.of({"model": {"device": device, "mode": mode}}).model.running
    check_protocol(protocol, dataset)
    check_failures(failures, dataset)
    check_reports(reports, overwrite=overwrite)
    check_files([failures] if failures else [], overwrite=overwrite)
    terms = Terms(protocol, presence)
    ask = asking(dataset, terms, limit=limit, worst=WORST if failures else 0)
    segmenter = load_segmenter(model, running)
    note(other := tuple(stretched(dataset, terms, segmenter.chip_size)))
    started = time.monotonic()
    with progress_bar(shown=shown(progress)) as moved:
        evaluation = ask(segmenter, moved)
    note(evaluation.notices)
    origin = Origin(
        model=model,
        data=dataset,
        machine=machine(device),
        date=datetime.now(UTC).date().isoformat(),
        version=__version__,
        protocol=protocol,
        seconds=time.monotonic() - started,
        notices=(*notices(segmenter), *other, *evaluation.notices),
    )
    report = report_of(evaluation, origin, seed=seed)
    write_reports(reports, report)
    if failures:
        write_sheet(failures, evaluation.failures)
    if json:
        typer.echo(json_of(report))
    else:
        Console().print(table_of(report))


def asking(
    dataset: str, terms: Terms, *, limit: int | None, worst: int
) -> Callable[[ChipSegmenter, Progress | None], Evaluation]:
    """What asks a segmenter everything in a data set, whose name is checked and opened first."""
    if names_scenes(dataset):
        listed = open_scenes(dataset)
        scenes = [listed[place] for place in spread(len(listed), limit)]
        note(notice for scene in scenes for notice in scene.notices)
        options = {"mask": {"presence": terms.presence}}
        return lambda segmenter, moved: evaluate_scenes(
            segmenter, scenes, options=options, progress=moved
        )
    # rendered data brings torch along, which costs seconds that other commands need not wait
    from geoseg.evaluation.data_sets import evaluate  # noqa: PLC0415
    from geoseg.training.survey import notices_of  # noqa: PLC0415

    source = open_source(dataset)
    note(notices_of(source))
    return lambda segmenter, moved: evaluate(
        segmenter, source, terms=terms, limit=limit, worst=worst, progress=moved
    )


def note(notices: Iterable[str]) -> None:
    """Tell what a user should know, each once."""
    for notice in dict.fromkeys(notices):
        typer.echo(f"note: {notice}", err=True)


def stretched(dataset: str, terms: Terms, chip: int) -> Iterator[str]:
    """A sentence where an own layer is cut into chips that are resized to the model's."""
    if names_scenes(dataset):
        return

    cut = chip_of(dataset) or chip
    is_whole = terms.protocol == WHOLE or (terms.protocol == AUTO and cut <= LARGEST_WHOLE * chip)
    if cut != chip and is_whole:
        yield (
            f"the data is cut into chips of {cut} pixels and resized to the {chip} that the model "
            f"sees, which is another resolution than in use; write 'chip: {chip}' in its file"
        )


def check_protocol(protocol: str, dataset: str) -> None:
    """Refuse a protocol nobody knows, or one where the pipeline decides."""
    if protocol != AUTO and protocol not in PROTOCOLS:
        raise OptionsError(
            f"the protocol {protocol!r} is unknown; use {AUTO} or {' or '.join(PROTOCOLS)}"
        )
    if protocol != AUTO and names_scenes(dataset):
        raise OptionsError(
            f"scenes go through the pipeline, so --protocol {protocol} says nothing; leave it out"
        )


def check_failures(failures: Path | None, dataset: str) -> None:
    """Refuse a picture that cannot be made."""
    if failures is None:
        return
    if names_scenes(dataset):
        raise OptionsError("--failures shows images of data sets, not whole scenes; leave it out")
    if failures.suffix.lower() not in PICTURES:
        raise OptionsError(
            f"the picture of failures is written as {' or '.join(PICTURES)}, but '{failures}' was "
            "given"
        )


def shown(progress: bool | None) -> bool:
    """Whether a progress bar is shown: on a terminal, unless said otherwise."""
    return Console(stderr=True).is_terminal if progress is None else progress


def machine(device: str) -> str:
    """This machine in a few words."""
    return f"{platform.node()} ({platform.machine()}, {os.cpu_count()} cores), device {device}"


def notices(segmenter: ChipSegmenter) -> tuple[str, ...]:
    """What a reader should know of how presence came about."""
    mode = getattr(segmenter, "mode", "gres")
    return () if mode == "gres" else (f"presence comes from mode {mode!r}, not from [REJ]",)


def write_sheet(path: Path, failures: tuple[Failure, ...]) -> None:
    """Write a picture of the worst answers."""
    with whole_or_nothing([path]) as partial:
        contact_sheet(failures).save(partial[path])
