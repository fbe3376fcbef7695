"""How good the embedded model is on rendered scenes that it was never trained on.

python tests/benchmarks/eval_tiny.py [SCENES]
"""

import sys
import tempfile
from pathlib import Path

import torch

from geoseg.models.mllmseg.checkpoint import load_model
from geoseg.models.mllmseg.processing import MLLMSegProcessor
from geoseg.segmenter import embedded_folder
from geoseg.training import validation
from geoseg.training.chips import SHARD, open_shards, render
from geoseg.training.release import chips_per_second

SEED = 950_000_000
"""First seed of the scenes: beyond those trained on and those calibrated on."""

QUERIES = 8


def main() -> None:
    """Render scenes, ask about one chip of each, print a table."""
    scenes = int(sys.argv[1]) if len(sys.argv) > 1 else 128
    folder = embedded_folder()
    model = load_model(folder, dtype=torch.float32)
    processor = MLLMSegProcessor.from_pretrained(folder)
    with tempfile.TemporaryDirectory() as place:
        render(Path(place), first_seed=SEED, shards=max(scenes // SHARD, 1))
        answers = validation.ask(
            model, processor, open_shards(Path(place)), queries=QUERIES, seed=9
        )
    rows = validation.quality(
        answers,
        mask_level=-model.config.mask_logit_offset,
        presence_level=-model.config.presence_logit_offset,
    )
    print("| queries | number | mIoU | cIoU | rightly answered or refused |")
    print("|---|---|---|---|---|")
    for row in rows:
        iou = f"{row.mean_iou:.3f} | {row.total_iou:.3f}"
        print(f"| {row.family} | {row.queries} | {iou} | {row.accuracy:.3f} |")
    print(f"{chips_per_second(model, processor):.1f} chips/s, {torch.get_num_threads()} threads")


if __name__ == "__main__":
    main()
