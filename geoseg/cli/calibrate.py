"""`geoseg calibrate`: thresholds of a checkpoint moved to where they belong."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from geoseg.checkpoint import load_facts
from geoseg.cli.errors import to_json, told
from geoseg.cli.evaluate import Device, Limit, Shown, note, shown
from geoseg.cli.flags import between, within
from geoseg.cli.segment import Json, progress_bar
from geoseg.errors import ModelError, OptionsError
from geoseg.evaluation.calibrated_checkpoint import (
    calibrated,
    load_settings,
    write_settings,
)
from geoseg.evaluation.calibration import Calibration
from geoseg.evaluation.rejection import Rate, doubts
from geoseg.options import RunOptions
from geoseg.segmenter import EMBEDDED, ChipSegmenter, checkpoint_folder, load_segmenter
from geoseg.training.data.sources import check_cut, names_scenes, open_source
from tiles.errors import OutputError


@told
def calibrate_command(  # noqa: PLR0913 one parameter per flag
    model: Annotated[
        str, typer.Argument(help="geoseg-tiny or the folder of a checkpoint.", metavar="MODEL")
    ],
    dataset: Annotated[
        str,
        typer.Argument(
            help="What to calibrate on: rendered:seed=900000000, own-layer:own.yaml?split=val, or "
            "a published data set such as rrsisd:/data/RRSIS-D?split=val.",
            metavar="DATASET",
        ),
    ],
    *,
    false_accept: Annotated[
        float,
        typer.Option(
            "--false-accept",
            help="Share of the empty chips that may be answered on average, such as 0.01: between "
            "0 and 1.",
            metavar="RATE",
            callback=between(0, 1),
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Write a calibrated copy here.", metavar="DIR"),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite",
            help="Replace the copy that is there already; without -o: change the model itself.",
        ),
    ] = False,
    limit: Limit = None,
    seed: Annotated[
        int,
        typer.Option(
            "--seed", help="Another number, another split of the images.", callback=within(0)
        ),
    ] = 0,
    device: Device = "auto",
    json: Json = False,
    progress: Shown = None,
) -> None:
    """Choose the presence threshold for a rate of false alarms, and scale the mask's scores."""
    folder = local_folder(model)
    check_place(model, folder, output, overwrite=overwrite)
    check_chips(dataset)
    settings = load_settings(folder)
    # rendered data brings torch along, which costs seconds that other commands need not wait
    from geoseg.evaluation.calibrated_copy import write_copy  # noqa: PLC0415
    from geoseg.evaluation.halves import calibrate, check_enough  # noqa: PLC0415
    from geoseg.models.mllmseg.whole_folder import check_target  # noqa: PLC0415
    from geoseg.training.survey import notices_of  # noqa: PLC0415

    if output is not None:
        check_target(output, folder, overwrite=overwrite)
    check_cut(dataset, load_facts(folder).chip_size)
    source = open_source(dataset)
    note(notices_of(source))
    check_enough(source, false_accept=false_accept, limit=limit, seed=seed)
    running = RunOptions.of({"model": {"device": device}}).model.running
    segmenter = load_segmenter(folder, running)
    check_can_refuse(model, segmenter)
    with progress_bar(shown=shown(progress)) as moved:
        found = calibrate(
            segmenter, source, false_accept=false_accept, limit=limit, seed=seed, progress=moved
        )
    today = datetime.now(UTC).date().isoformat()
    settings = calibrated(settings, found, data=source.name, date=today)
    if output is None:
        write_settings(folder, settings)
    else:
        write_copy(folder, output, settings, overwrite=overwrite)
    if json:
        typer.echo(to_json(settings["calibration"]))
    else:
        show(found, output or folder)
    note(doubts(found.accepted_empty, asked=found.false_accept))


def local_folder(model: str) -> Path:
    """The folder of a checkpoint on this machine."""
    folder = checkpoint_folder(model)
    if folder is None:
        raise ModelError(
            f"'{model}' is on a hub, and what is changed must lie here; give the folder of a "
            "checkpoint, such as one that geoseg convert wrote"
        )
    load_facts(folder)
    return folder


def check_place(model: str, folder: Path, output: Path | None, *, overwrite: bool) -> None:
    """Refuse to run where nothing could be written, or what should stay would be changed."""
    if output is not None:
        if output.resolve() == folder.resolve():
            raise OptionsError(
                f"-o names '{model}' itself, which exists already; name another folder, or leave "
                "-o out to change the checkpoint itself"
            )
        if output.exists() and not overwrite:
            raise OutputError(
                f"'{output}' exists already; choose another name, or replace it with --overwrite"
            )
    elif model == EMBEDDED:
        raise OptionsError(f"{EMBEDDED} is part of the package; write a copy with -o DIR")
    elif not overwrite:
        raise OptionsError(
            "there is nowhere to write: name a copy with -o DIR, or give --overwrite to change "
            "the checkpoint itself"
        )


def check_chips(dataset: str) -> None:
    """Refuse whole scenes: thresholds are chosen chip by chip."""
    if names_scenes(dataset):
        raise OptionsError(
            f"thresholds are chosen on chips, but '{dataset}' names whole scenes; describe the "
            "scene and its layer in a YAML file and give own-layer:FILE.yaml?split=all (see "
            "docs/training.md)"
        )


def check_can_refuse(model: str, segmenter: ChipSegmenter) -> None:
    """Refuse a model whose presence has no threshold of its own."""
    mode = getattr(segmenter, "mode", "gres")
    if mode != "gres":
        raise ModelError(
            f"'{model}' cannot say that something is absent (its presence comes from mode {mode!r})"
            ", so it has no presence to calibrate; teach it to refuse with geoseg train, use a "
            "model that learned it, or choose --presence when asking"
        )


def show(found: Calibration, where: Path) -> None:
    """Print what the thresholds reach."""
    typer.echo(
        f"chosen on {found.empty:,} empty chips of {found.empty_images:,} images and "
        f"{found.present:,} chips with their target"
    )
    typer.echo("on the other half of the data:")
    typer.echo(f"  empty chips accepted    {told_rate(found.accepted_empty)}")
    typer.echo(f"  present chips accepted  {told_rate(found.accepted_present)}")
    for name, (before, after) in (
        ("calibration error of mask scores", found.ece),
        ("mean IoU of targets", found.mean_iou),
    ):
        typer.echo(f"  {name}  {before:.4f} before, {after:.4f} after")
    typer.echo(f"wrote {where}")


def told_rate(rate: Rate) -> str:
    """A share and its interval in words."""
    if not rate.of:
        return "none to try"
    return (
        f"{rate.value:.2%} on average over {rate.images:,} images (95 %: {rate.low:.2%} to "
        f"{rate.high:.2%}; {rate.hits:,} of {rate.of:,} chips)"
    )
