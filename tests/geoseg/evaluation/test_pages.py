import json
from pathlib import Path

import pytest
from rich.console import Console

from geoseg.evaluation.instances import Found
from geoseg.evaluation.pages import (
    check_files,
    check_reports,
    json_of,
    markdown_of,
    table_of,
    write_reports,
)
from tests.geoseg.evaluation.test_report import report
from tiles.errors import OutputError


def test_the_page_names_everything_that_a_figure_hangs_on() -> None:
    page = markdown_of(report())
    for words in ("a model", "some data", "a machine", "2026-01-02", "9.9", "2 as whole", "N-acc"):
        assert words in page


def test_every_row_of_a_table_has_as_many_cells_as_its_heading() -> None:
    rows = [line for line in markdown_of(report()).splitlines() if line.startswith("|")]
    widths = [row.count("|") for row in rows if "all" in row or "queries |" in row]
    assert len(set(widths[:2])) == 1


def test_objects_are_told_with_their_interval() -> None:
    found = tuple(Found(place % 2, 1, 1, str(place)) for place in range(40))
    assert "instance F1 (IoU >= 0.5) 0.500 [0." in markdown_of(report(found=found))


def test_risk_is_explained_where_it_is_told_only() -> None:
    assert "AURC: mean risk" in markdown_of(report())
    assert "AURC" not in markdown_of(report(graded=False))


def test_the_json_holds_what_the_report_holds_and_null_for_no_figure() -> None:
    told = json.loads(json_of(report()))
    assert told["origin"]["date"] == "2026-01-02"
    figures = {row["name"]: row["figures"] for row in told["rows"]}
    assert figures["all"]["gIoU"]["value"] == pytest.approx(0.5)
    assert figures["with target"]["N-acc"]["value"] is None


def test_the_table_fits_a_terminal_of_80_columns() -> None:
    console = Console(width=80)
    with console.capture() as capture:
        console.print(table_of(report()))
    assert "…" not in capture.get()
    assert "without target" in capture.get()


def test_both_files_are_written_or_none(tmp_path: Path) -> None:
    paths = [tmp_path / "report.md", tmp_path / "report.json"]
    write_reports(paths, report())
    assert paths[0].read_text("utf-8") == markdown_of(report())
    assert json.loads(paths[1].read_text("utf-8"))["presence"] == 0.5


@pytest.mark.parametrize(
    ("name", "says"), [("report.pdf", ".md or .json"), ("old.md", "--overwrite"),
                       ("nowhere/report.md", "no folder")]
)  # fmt: skip
def test_what_could_not_be_written_is_refused_before(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "old.md").touch()
    with pytest.raises(OutputError, match=says):
        check_reports([tmp_path / name], overwrite=False)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a folder"):
        check_files([tmp_path], overwrite=True)
