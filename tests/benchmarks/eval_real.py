"""How good a model is on real scenes, expression by expression, through the pipeline.

    python tests/benchmarks/eval_real.py FOLDER [MODEL [GSD]]

FOLDER holds `referring.jsonl` and the scenes it names. IoU is that of masks over the pixels with
data; "full" is what painting everything would give; F1 counts objects one by one where the truth
does. For an expression without a target the share of pixels wrongly painted is told instead.
With a GSD, scenes that are finer are read at so many metres per pixel; others, and those that
would not fill a chip any more, are left out.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from geoseg.evaluation.referring import open_referring
from geoseg.evaluation.scenes import ONE_BY_ONE, Answered, answers
from geoseg.segmenter import EMBEDDED, load_segmenter
from tiles.measuring import gsd_m
from tiles.reading import open_raster


def main() -> None:
    """Ask every expression of every scene and print a table."""
    folder = Path(sys.argv[1])
    model = sys.argv[2] if len(sys.argv) > 2 else EMBEDDED
    gsd = float(sys.argv[3]) if len(sys.argv) > 3 else None
    segmenter = load_segmenter(model)
    print("| scene | expression | truth | IoU | full | F1 |\n|---|---|---|---|---|---|")
    for truth in open_referring(folder / "referring.jsonl"):
        if gsd is not None and not can_be_read_at(truth.scene, gsd, segmenter.chip_size):
            continue
        for answered, _ in answers(segmenter, truth, options={"image": {"gsd": gsd}}):
            print(f"| {' | '.join(cells(answered))} |", flush=True)


def can_be_read_at(scene: Path, gsd: float, chip_size: int) -> bool:
    """Whether a scene has pixels smaller than so many metres, and fills a chip of such pixels."""
    with open_raster(scene) as raster:
        down, across = gsd_m(raster.geobox)
        longest = max(raster.height * down, raster.width * across)
        return max(down, across) < gsd and longest >= chip_size * gsd


def cells(answered: Answered) -> Iterator[str]:
    """One row of the table."""
    outcome = answered.outcome
    yield answered.scene.stem
    yield outcome.phrase
    yield answered.kind
    if not outcome.truth:
        yield f"{outcome.predicted / answered.valid:.1%} painted"
        yield ""
    else:
        yield f"{outcome.intersection / outcome.union:.2f}"
        yield f"{answered.full_iou:.2f}"
    yield f"{answered.found.f1:.2f}" if answered.kind in ONE_BY_ONE else ""


if __name__ == "__main__":
    main()
