"""Chips a second, share of the peak and memory of the published sizes, with random weights.

python tests/benchmarks/gpu_mllmseg.py [--sizes 1B 8B] [--kit FOLDER] [--compile]

Without a GPU, only to see that it runs:

python tests/benchmarks/gpu_mllmseg.py --sizes 1B --device cpu --dtype float32 --layers 1
    --batches 1 --queries 1 2 --peak 0.1
"""

# mypy: disable-error-code="no-untyped-call"
# transformers is typed only in parts

import argparse
import gc
import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModel

from geoseg.checkpoint import published_sizes
from geoseg.costs import GIGA, GPU_PEAKS, ModelSizes, costs_of
from geoseg.models.mllmseg import MLLMSegConfig, MLLMSegProcessor
from geoseg.models.mllmseg.devices import DTYPES, compiled
from geoseg.models.mllmseg.parity.kit import Kit
from geoseg.models.mllmseg.parity.run import bf16_differences
from geoseg.models.mllmseg.segmenter import MLLMSegSegmenter
from geoseg.models.mllmseg.tokenizer import CONTROL_TOKENS, word_tokenizer
from geoseg.query import Query

WORD = "roof"

IMAGE_ENDS = 2
"""Tokens: `<img>` and `</img>`."""

TERA, GIB = 1e12, 2**30

COLUMNS = ("size", "chips at once", "queries", "chips/s", "ms per chip", "TFLOP/s", "share of peak",
           "peak memory, GiB")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one size, batch and number of queries."""

    size: str
    batch: int
    queries: int

    seconds: float
    """For the whole batch, encoding and answering."""

    operations: float
    """A second, of those that cannot be left out."""

    memory: float | None
    """Bytes at the peak; None where the device does not tell."""

    def told(self, peak: float) -> str:
        """The row in Markdown."""
        memory = "-" if self.memory is None else f"{self.memory / GIB:.1f}"
        cells = (
            self.size,
            self.batch,
            self.queries,
            f"{self.batch / self.seconds:.2f}",
            f"{1000 * self.seconds / self.batch:.1f}",
            f"{self.operations / TERA:.2f}",
            f"{self.operations / peak:.0%}",
            memory,
        )
        return f"| {' | '.join(map(str, cells))} |"


def sizes_of(name: str, layers: int | None) -> ModelSizes:
    """A published size, its towers cut down to that many layers where a number is given."""
    sizes = published_sizes(name)
    if layers is None:
        return sizes
    return replace(
        sizes,
        vision=replace(sizes.vision, layers=layers),
        language=replace(sizes.language, layers=layers),
    )


def config_of(sizes: ModelSizes) -> MLLMSegConfig:
    """A model of those sizes, asked in as many words as the published one has tokens."""
    vision, language = sizes.vision, sizes.language
    opening = " ".join([WORD] * (sizes.prefix_text - IMAGE_ENDS))
    ids = {name: i for i, name in enumerate(CONTROL_TOKENS)}
    return MLLMSegConfig(
        vision_config={
            "image_size": vision.chip_size,
            "patch_size": vision.patch_size,
            "num_hidden_layers": vision.layers,
            "hidden_size": vision.width,
            "num_attention_heads": vision.width // 64,
            "intermediate_size": vision.hidden,
            "attention_bias": vision.has_bias,
        },
        text_config={
            "model_type": "qwen2" if language.kind == "qwen2" else "llama",
            "num_hidden_layers": language.layers,
            "hidden_size": language.width,
            "num_attention_heads": language.heads,
            "num_key_value_heads": language.kv_heads,
            "intermediate_size": language.hidden,
            "vocab_size": language.vocabulary,
            "max_position_embeddings": 32_768,
        },
        image_token_id=ids["<IMG_CONTEXT>"],
        seg_token_id=ids["[SEG]"],
        rej_token_id=ids["[REJ]"],
        system_template=opening,
        question_template="<image>{phrase}",
        answer_template="[SEG]",
    )


def random_segmenter(
    sizes: ModelSizes, *, device: str, dtype: torch.dtype, is_compiled: bool
) -> MLLMSegSegmenter:
    """A model of random weights, made on its device so that the host never holds it."""
    config = config_of(sizes)
    with torch.device(device):
        model = AutoModel.from_config(config, dtype=dtype)
    assert {parameter.dtype for parameter in model.parameters()} == {dtype}
    learned = sum(parameter.numel() for parameter in model.parameters())
    assert learned == costs_of(sizes).parameters.total
    processor = MLLMSegProcessor(word_tokenizer([WORD]), config)
    return MLLMSegSegmenter(
        compiled(model) if is_compiled else model, processor, device=device, mode="res"
    )


def measured(
    name: str, segmenter: MLLMSegSegmenter, sizes: ModelSizes, options: argparse.Namespace
) -> Iterator[Row]:
    """The rows of a size; batches that do not fit are left out."""
    costs = costs_of(sizes)
    opening = sizes.language.operations(sizes.prefix_text - 1) / GIGA  # read once, not per chip
    phrases = [Query(" ".join([WORD] * sizes.suffix))] * max(options.queries)
    for batch in options.batches:
        chips = random_chips(batch, segmenter.chip_size)
        with suppress(torch.OutOfMemoryError):
            looking = seconds(partial(segmenter.encode, chips), options)
            encoded = segmenter.encode(chips)
            for queries in options.queries:
                asked = phrases[:queries]
                forget_peak(options.device)
                answering = seconds(partial(segmenter.answer, encoded, asked), options)
                segmenter.segment(chips, asked)
                wall = looking + answering
                work = batch * (costs.gflop(queries) - opening) * GIGA
                memory = peak_memory(options.device)
                yield Row(name, batch, queries, wall, work / wall, memory)
        free(options.device)


def random_chips(count: int, size: int) -> NDArray[np.uint8]:
    """Chips of noise."""
    return np.random.default_rng(0).integers(0, 256, (count, size, size, 3), np.uint8)


def seconds(work: Callable[[], object], options: argparse.Namespace) -> float:
    """What a call takes: the middle of several, after two that are not counted."""
    times: list[float] = []
    for _ in range(2):
        work()
    while len(times) < options.least or sum(times) < options.seconds:
        wait(options.device)
        start = time.perf_counter()
        work()
        wait(options.device)
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def is_gpu(device: str) -> bool:
    """Whether a device's name is that of a GPU."""
    return device.startswith("cuda")


def wait(device: str) -> None:
    """Let the device finish."""
    if is_gpu(device):
        torch.cuda.synchronize(device)


def forget_peak(device: str) -> None:
    """Begin to watch memory anew."""
    if is_gpu(device):
        torch.cuda.reset_peak_memory_stats(device)


def peak_memory(device: str) -> int | None:
    """Bytes that the device held at most since then."""
    return torch.cuda.max_memory_allocated(device) if is_gpu(device) else None


def free(device: str) -> None:
    """Give back what nobody uses."""
    gc.collect()
    if is_gpu(device):
        torch.cuda.empty_cache()


def machine(device: str) -> str:
    """What it was measured on."""
    if is_gpu(device):
        return torch.cuda.get_device_name(device)
    return f"{platform.processor() or platform.machine()}, {torch.get_num_threads()} threads"


def peak_of(device: str, given: float | None) -> float:
    """Operations a second at the peak: as given, or known of the device."""
    if given is not None:
        return given * TERA
    name = machine(device)
    known = [peak for gpu, peak in GPU_PEAKS.items() if gpu in name]
    if not known:
        raise SystemExit(f"the peak of {name} is not known; give it with --peak, in TFLOP/s")
    return known[0]


def print_differences(folder: Path, device: str) -> None:
    """How far masks of a parity kit's models move in bfloat16, as a table."""
    print("\n| model | mean mask difference, bfloat16 on this device against float32 on the CPU |")
    print("|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for check in bf16_differences(Kit(folder), Path(scratch), device):
            print(f"| {check.variant} | {check.difference:.4f} |", flush=True)


def options_in(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", default=["1B", "2B", "4B", "8B"])
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 2, 4, 8, 16, 32])
    parser.add_argument("--queries", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--dtype", choices=list(DTYPES), default="bfloat16")
    parser.add_argument("--layers", type=int, help="of each tower, to try the script itself")
    parser.add_argument("--peak", type=float, help="TFLOP/s of the device, if it is not known")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--kit", type=Path, help="also compare bfloat16 with float32 on this kit")
    parser.add_argument("--seconds", type=float, default=1.0, help="to measure each figure for")
    parser.add_argument("--least", type=int, default=3, help="calls to measure each figure with")
    return parser.parse_args(arguments)


def main() -> None:
    """Print the tables."""
    options = options_in()
    peak = peak_of(options.device, options.peak)
    cut = "" if options.layers is None else f", {options.layers} layers a tower"
    how = f"{options.dtype}{', compiled' if options.compile else ''}{cut}"
    print(
        f"{machine(options.device)}; torch {torch.__version__}; {how}; peak {peak / TERA:g} TFLOP/s"
    )
    print(f"\n| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    for name in options.sizes:
        sizes = sizes_of(name, options.layers)
        segmenter = random_segmenter(
            sizes,
            device=options.device,
            dtype=DTYPES[options.dtype],
            is_compiled=options.compile,
        )
        for row in measured(name, segmenter, sizes, options):
            print(row.told(peak), flush=True)
        del segmenter
        free(options.device)
    if options.kit:
        print_differences(options.kit, options.device)


if __name__ == "__main__":
    main()
