"""A report on the screen, as Markdown and as JSON."""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from geoseg.evaluation.bootstrap import Estimate
from geoseg.evaluation.report import Report, Row
from tiles.errors import OutputError
from tiles.writing import whole_or_nothing

WIDE: Final = ("gIoU", "oIoU")
"""Figures shown on a screen with their interval; the files hold all."""

NARROW: Final = ("N-acc", "T-acc")
"""Those shown without."""

INTERVAL_WIDTH = 12
"""Characters of "[0.41, 0.62]"."""

LEGEND: Final = (
    "gIoU: mean over queries; without target 1 if nothing was answered, else 0 (gRefCOCO)."
    " mIoU: mean IoU; an empty answer to an empty truth counts 0 (RMSIN) or 1 (LISA). oIoU (cIoU):"
    " all intersections over all unions. Pr@t: share with IoU >= t. N-acc: queries without target"
    " left unanswered. T-acc: queries with target answered. In brackets the 95 % interval of a"
    " percentile bootstrap over images or scenes, images of one piece of ground drawn together."
    " Baselines: painting nothing, painting everything, and only the largest piece of the model's"
    " own mask."
)

RISK_LEGEND: Final = (
    " AURC: mean risk (1 - IoU, or 1 without target) over all coverages, surest first; 0 is best."
)
"""Added where the risk is told."""


def told(estimate: Estimate) -> str:
    """A figure and its interval in a few characters.

    >>> told(Estimate(0.5, 0.41, 0.62)), told(Estimate(*[float("nan")] * 3))
    ('0.500 [0.41, 0.62]', '-')
    """
    if math.isnan(estimate.low):
        return short(estimate.value)
    return f"{short(estimate.value)} [{estimate.low:.2f}, {estimate.high:.2f}]"


def short(value: float) -> str:
    """A figure in a few characters.

    >>> short(0.25), short(float("nan"))
    ('0.250', '-')
    """
    return "-" if math.isnan(value) else f"{value:.3f}"


def table_of(report: Report) -> Table:
    """The main figures and two baselines' gIoU, for a screen."""
    title = Text(f"{report.origin.model} on {report.origin.data}")
    table = Table(title=title, caption=_shown(report), box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("queries", no_wrap=True)
    table.add_column("number", justify="right", no_wrap=True)
    for heading in WIDE:
        table.add_column(heading, justify="right", min_width=INTERVAL_WIDTH)
    for heading in (*NARROW, "full", "blob"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in report.rows:
        wide = (told(row.figures[name]).replace(" ", "\n", 1) for name in WIDE)
        narrow = (short(row.figures[name].value) for name in NARROW)
        beside = (short(row.baselines[name].giou) for name in ("full", "largest blob"))
        table.add_row(Text(row.name), f"{row.queries:,}", *wide, *narrow, *beside)
    return table


def markdown_of(report: Report) -> str:
    """Everything, as a page with tables."""
    return "\n".join(_page(report)) + "\n"


def json_of(report: Report) -> str:
    """Everything, for machines; a figure that is none is null."""
    return json.dumps(_finite(report.as_dict()), indent=2, ensure_ascii=False, allow_nan=False)


FORMATS: Final[dict[str, Callable[[Report], str]]] = {".md": markdown_of, ".json": json_of}
"""What can be written, by the extension of the file."""


def check_reports(paths: Sequence[Path], *, overwrite: bool) -> None:
    """Refuse, before any work, files that could not be written at the end."""
    for path in paths:
        if path.suffix.lower() not in FORMATS:
            raise OutputError(
                f"a report is written as {' or '.join(FORMATS)}, but '{path}' was given; "
                "name one such as report.md"
            )
    check_files(paths, overwrite=overwrite)


def check_files(paths: Sequence[Path], *, overwrite: bool) -> None:
    """Refuse files that exist already, or whose folder does not."""
    for path in paths:
        if path.is_dir():
            raise OutputError(f"'{path}' is a folder; name a file in it")
        if path.exists() and not overwrite:
            raise OutputError(f"'{path}' exists already; choose another name or give --overwrite")
        if not path.resolve().parent.is_dir():
            raise OutputError(
                f"'{path}' cannot be written: there is no folder '{path.resolve().parent}'; "
                "create it"
            )


def write_reports(paths: Sequence[Path], report: Report) -> None:
    """Write the report to every file, all of them or none."""
    with whole_or_nothing(paths) as partial:
        for path in paths:
            partial[path].write_text(FORMATS[path.suffix.lower()](report), encoding="utf-8")


def _page(report: Report) -> Iterator[str]:
    origin = report.origin
    yield f"# {origin.model} on {origin.data}"
    yield ""
    yield (
        f"geoseg {origin.version}, {origin.date}, {origin.machine}; {_shown(report)};"
        f" {origin.seconds:.1f} s."
    )
    for notice in origin.notices:
        yield f"Note: {notice}."
    yield ""
    names = list(report.rows[0].figures) if report.rows else []
    yield from _markdown_table(
        ["queries", "number", "images", *names],
        [
            [row.name, row.queries, row.images, *(told(row.figures[name]) for name in names)]
            for row in report.rows
        ],
    )
    yield from _baselines(report.rows)
    yield from _risk(report)
    if report.instance_f1 is not None and report.exact_query_success is not None:
        yield ""
        yield (
            f"Objects one by one, {report.counted} queries: instance F1 (IoU >= 0.5) "
            f"{told(report.instance_f1)}, exact query success {told(report.exact_query_success)}."
        )
    yield ""
    yield LEGEND + (RISK_LEGEND if report.risk else "")


def _shown(report: Report) -> str:
    """How images were shown, and from which presence answers count."""
    ways = ", ".join(f"{count:,} as {way}" for way, count in report.shown.items())
    return f"images shown: {ways} (protocol {report.origin.protocol}); presence {report.presence:g}"


def _baselines(rows: Sequence[Row]) -> Iterator[str]:
    names = list(rows[0].baselines) if rows else []
    if not names:
        return
    yield ""
    yield from _markdown_table(
        ["baselines: gIoU / oIoU", *names],
        [
            [
                row.name,
                *(_both(row.baselines[name].giou, row.baselines[name].oiou) for name in names),
            ]
            for row in rows
        ],
    )


def _risk(report: Report) -> Iterator[str]:
    if report.risk:
        yield ""
        yield from _markdown_table(
            ["coverage", *(f"{share:.0%}" for share in report.risk)],
            [["risk", *(f"{risk:.3f}" for risk in report.risk.values())]],
        )


def _both(giou: float, oiou: float) -> str:
    return f"{short(giou)} / {short(oiou)}"


def _markdown_table(heading: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(heading)} |"
    yield "|---" * len(heading) + "|"
    for row in rows:
        yield f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |"


def _finite(values: object) -> object:
    """The same with null for numbers that are none, and text for keys."""
    if isinstance(values, dict):
        return {str(key): _finite(value) for key, value in values.items()}
    if isinstance(values, list | tuple):
        return [_finite(value) for value in values]
    return None if isinstance(values, float) and not math.isfinite(values) else values
