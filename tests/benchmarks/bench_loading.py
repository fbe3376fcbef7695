"""Loading and converting a checkpoint of published size with random weights.

python tests/benchmarks/bench_loading.py [--layers 24] [--folder DIR]

It writes about four times the checkpoint's size to DIR (a temporary folder unless given). Peaks
are those of the process that does the work: of what the work adds, and of all that is resident,
the libraries included, which are also shown alone.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from measuring import MIB, _peak, _resident, measured

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from geoseg.models.mllmseg.checkpoint import load_model, open_checkpoint  # noqa: E402
from geoseg.models.mllmseg.model_card import Origin  # noqa: E402
from geoseg.models.mllmseg.saving import Saving, write_checkpoint  # noqa: E402
from geoseg.models.mllmseg.tokenizer import word_tokenizer  # noqa: E402
from tests.geoseg.models.mllmseg.published import (  # noqa: E402
    Sizes,
    published_config,
    published_shapes,
    write_json,
    write_weights,
)

COUNTER = "num_batches_tracked"
DECODER = "res_decoder."


def like_1b(layers: int) -> Sizes:
    """The widths of the published 1B checkpoint."""
    return Sizes(
        chip=448, vision_width=1024, vision_layers=layers, vision_ffn=4096, vision_heads=16,
        width=896, layers=layers, ffn=4864, heads=14, kv_heads=2, vocabulary=151_676,
    )  # fmt: skip


def tensor(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    """Random numbers, in the dtypes of a merged checkpoint."""
    if name.endswith(COUNTER):
        return torch.tensor(0)
    dtype = torch.float16 if name.startswith(DECODER) else torch.bfloat16
    return torch.empty(shape, dtype=dtype).normal_(0, 0.05)


def write_published(folder: Path, sizes: Sizes, *, files: str, parts: int) -> Path:
    """A published checkpoint of random numbers."""
    folder.mkdir(parents=True)
    write_json(folder / "config.json", published_config(sizes))
    tensors = {name: tensor(name, shape) for name, shape in published_shapes(sizes).items()}
    write_weights(folder, tensors, files=files, parts=parts)
    word_tokenizer(["roof"]).save_pretrained(folder)
    return folder


def loading(folder: Path, name: str) -> Callable[[], int]:
    """Load; give the most bytes that were resident."""
    dtype = getattr(torch, name)

    def work() -> int:
        model = load_model(folder, dtype=dtype)
        return _peak() if model is not None else 0

    return work


def converting(source: Path, target: Path, name: str) -> Callable[[], int]:
    """Convert; give the most bytes that were resident."""

    def work() -> int:
        write_checkpoint(source, target, origin=Origin("random"), saving=Saving(dtype=name))
        return _peak()

    return work


def idle() -> Callable[[], int]:
    """Do nothing; give the bytes that are resident once the libraries are loaded."""
    return _resident


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=24, help="layers of either tower")
    parser.add_argument("--folder", type=Path, help="where to write the checkpoints")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as place:
        table(Path(place), like_1b(options.layers))


def table(place: Path, sizes: Sizes) -> None:
    """Make the checkpoints, load and convert them."""
    shards = write_published(place / "shards", sizes, files="safetensors", parts=3)
    whole = write_published(place / "whole", sizes, files="bin", parts=1)
    size = open_checkpoint(whole).weights.size
    print(f"checkpoint {size / MIB:.0f} MiB; the libraries alone {measured(idle).result / MIB:.0f}")
    print("| what | seconds | processor seconds | added peak / size | whole peak / size |")
    print("|---|---|---|---|---|")
    ours = place / "ours"
    runs = (
        ("convert sharded safetensors, as stored", (converting, shards, ours, "auto")),
        ("convert one .bin to bfloat16", (converting, whole, place / "bf16", "bf16")),
        ("load one .bin", (loading, whole, "bfloat16")),
        ("load sharded safetensors", (loading, shards, "bfloat16")),
        ("load ours", (loading, ours, "bfloat16")),
        ("load sharded safetensors in float32 (twice the size)", (loading, shards, "float32")),
    )
    for what, (work, *given) in runs:
        figures = measured(work, *given)
        added, all_of_it = figures.growth * MIB / size, figures.result / size
        print(
            f"| {what} | {figures.wall:.1f} | {figures.cpu:.1f} | {added:.2f} | {all_of_it:.2f} |"
        )


if __name__ == "__main__":
    main()
