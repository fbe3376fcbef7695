"""What sharing saves: N queries about one chip, beside asking the whole model N times.

A model of the published 1B size with random weights, in float32 on the CPU. Prints seconds, the
speed-up, the speed-up that the operation counts allow (shared part A, per query B, in GFLOP), and
the largest difference between the masks of both ways. Needs about 8 GiB.

    python tests/benchmarks/bench_sharing.py [--layers N] [--counts 1,2,4,8,16] [--dtype bfloat16]
"""

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from geoseg.models.mllmseg.configuration import MLLMSegConfig
from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.models.mllmseg.processing import MLLMSegProcessor
from geoseg.models.mllmseg.segmenter import MLLMSegSegmenter
from geoseg.models.mllmseg.tokenizer import word_tokenizer
from geoseg.query import Query

Floats = NDArray[np.float32]

Result = TypeVar("Result")

SHARED_GFLOP, QUERY_GFLOP = 992, 45
"""Of the 1B size for 306 tokens of prefix and 50 of query, as published sizes add up."""

WORDS = """the red roofs buildings cars roads trees water north south what are in this image please
output segmentation masks sure you an expert on aerial images of every kind and answer with care
a b c d e f g h i j k l m n o p large small near river field"""

PHRASES = [
    f"the {what} near the {where}"
    for what in ("red roofs", "cars", "trees", "large buildings")
    for where in ("river", "roads", "water", "field")
]


class Seconds(NamedTuple):
    """What a job takes."""

    wall: float
    """On the clock."""

    cpu: float
    """Of processor time, which a busy machine hardly changes."""


def config_1b(layers: int, tokens: int) -> MLLMSegConfig:
    """The 1B size, with fewer layers where asked for."""
    return MLLMSegConfig(
        vision_config={
            "hidden_size": 1024,
            "intermediate_size": 4096,
            "num_hidden_layers": layers,
            "num_attention_heads": 16,
            "image_size": 448,
            "patch_size": 14,
            "attention_bias": True,
        },
        text_config={
            "model_type": "qwen2",
            "hidden_size": 896,
            "intermediate_size": 4864,
            "num_hidden_layers": layers,
            "num_attention_heads": 14,
            "num_key_value_heads": 2,
            "vocab_size": 151676,
            "max_position_embeddings": 32768,
        },
        image_token_id=4,
        seg_token_id=5,
        rej_token_id=6,
        system_template=padded("<|im_start|>", tokens_wanted=tokens - 258),
        question_template="<|im_start|><image>"
        + padded("what are {phrase} in this image please ", tokens_wanted=32),
        answer_template="<|im_start|> sure {phrase} [SEG]",
    )


def padded(text: str, *, tokens_wanted: int) -> str:
    """The text with known words behind it, about so many tokens long."""
    words = "you are an expert on aerial images and answer with care " * tokens_wanted
    return f"{text} {' '.join(words.split()[:tokens_wanted])}"


def built(layers: int, dtype: torch.dtype) -> MLLMSegSegmenter:
    """A segmenter of the 1B size with random weights and words for tokens."""
    tokenizer = word_tokenizer(WORDS.split())
    config = config_1b(layers, tokens=306)
    torch.manual_seed(0)
    model = MLLMSegModel(config).to(dtype)
    return MLLMSegSegmenter(model, MLLMSegProcessor(tokenizer, config), mode="res")


def alone(segmenter: MLLMSegSegmenter, chip: NDArray[np.uint8], query: Query) -> Floats:
    """A query through the whole model, one text and one pass: its mask (1, 448, 448)."""
    model, processor = segmenter.model, segmenter.processor
    with torch.inference_mode():
        output = model(processor.pixels(chip), processor.pack([[query.phrase]]))
    mask: Floats = output.mask_logits[0].float().sigmoid().numpy()
    return mask


def timed(job: Callable[[], Result]) -> tuple[Result, Seconds]:
    """What a job gives, and what it takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = job()
    return result, Seconds(time.perf_counter() - wall, time.process_time() - cpu)


def table(segmenter: MLLMSegSegmenter, chip: NDArray[np.uint8], counts: list[int]) -> None:
    """Print a row for each number of queries."""
    queries = [Query(phrase) for phrase in PHRASES[: max(counts)]]
    one_by_one = [timed(partial(alone, segmenter, chip, query)) for query in queries]
    for count in counts:
        answers, together = timed(partial(segmenter.segment, chip, queries[:count]))
        apart = np.concatenate([mask for mask, _ in one_by_one[:count]])
        difference = np.abs(answers[0].probability - apart).max()
        wall, cpu = (
            sum(column) for column in zip(*(s for _, s in one_by_one[:count]), strict=True)
        )
        formula = count * (SHARED_GFLOP + QUERY_GFLOP) / (SHARED_GFLOP + count * QUERY_GFLOP)
        print(
            f"| {count} | {together.wall:.2f} | {wall:.2f} | {wall / together.wall:.2f} "
            f"| {cpu / together.cpu:.2f} | {formula:.2f} | {cpu / together.cpu / formula:.0%} "
            f"| {difference:.0e} |",
            flush=True,
        )


def asked_again(segmenter: MLLMSegSegmenter, chip: NDArray[np.uint8]) -> None:
    """Print what a second question about an encoded chip costs."""
    queries = [Query(phrase) for phrase in PHRASES]
    _, first = timed(partial(segmenter.segment, chip, queries[:1]))
    encoded = segmenter.encode(chip)
    rounds = [timed(partial(segmenter.answer, encoded, [query]))[1] for query in queries[1:6]]
    wall, cpu = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(
        f"\nfirst question {first.wall:.2f} s, the encoded chip asked again {wall:.3f} s:", end=" "
    )
    print(
        f"{first.wall / wall:.1f} times faster ({first.cpu / cpu:.1f} in processor time);", end=" "
    )
    print(f"{encoded.nbytes / 2**20:.1f} MiB kept per chip")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--layers", type=int, default=24)
    parser.add_argument("--counts", default="1,2,4,8,16")
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    given = parser.parse_args()
    segmenter = built(given.layers, getattr(torch, given.dtype))
    chip = np.random.default_rng(0).integers(0, 256, (1, 448, 448, 3)).astype(np.uint8)
    segmenter.segment(chip, [Query(PHRASES[0])])  # the text before the image, caches
    asked = segmenter.processor.questions([[PHRASES[0]]]).input_ids.shape[1]
    print(f"prefix {len(segmenter.processor.prefix)} tokens, query {asked} tokens,", end=" ")
    print(f"{given.dtype}, {torch.get_num_threads()} threads, torch {torch.__version__}\n")
    print("| queries | together, s | one by one, s | speed-up | in processor time", end=" ")
    print("| by the formula | share of it | largest difference of masks |")
    print("|---|---|---|---|---|---|---|---|")
    table(segmenter, chip, [int(count) for count in given.counts.split(",")])
    asked_again(segmenter, chip)


if __name__ == "__main__":
    main()
