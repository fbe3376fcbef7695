"""Writing an MLLMSeg checkpoint in our layout, from one in any layout."""

# mypy: disable-error-code="no-untyped-call"
# transformers is typed only in parts

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors import SafetensorError
from torch import Tensor

from geoseg.errors import CheckpointError, OptionsError
from geoseg.models.mllmseg.checkpoint import Checkpoint, converted, load_processor, open_checkpoint
from geoseg.models.mllmseg.configuration import MLLMSegConfig
from geoseg.models.mllmseg.conversion import LORA_A, Step, without_lora
from geoseg.models.mllmseg.devices import DTYPES as COMPUTED
from geoseg.models.mllmseg.devices import SHORT
from geoseg.models.mllmseg.folder import CONFIG_FILE, INDEX_FILE, WEIGHTS_FILE, reason
from geoseg.models.mllmseg.memory import gib
from geoseg.models.mllmseg.model_card import CARD_FILE, Origin, card
from geoseg.models.mllmseg.safetensors_writer import write_safetensors
from geoseg.models.mllmseg.whole_folder import check_target, whole_folder_or_nothing
from geoseg.version import __version__

DTYPES: dict[str, torch.dtype | None] = {
    "auto": None,
    **{short: COMPUTED[name] for short, name in SHORT.items()},
    **COMPUTED,
}
"""What weights can be stored in, by both its names; "auto" keeps each as it is."""


@dataclass(frozen=True, slots=True)
class Saving:
    """How a checkpoint is to be written."""

    dtype: str = "auto"
    """One of `DTYPES`."""

    shard_size: int = 5 * 10**9
    """Bytes that one file of weights holds at most, where no single layer is larger."""

    overwrite: bool = False
    """Whether a checkpoint that is there already is replaced."""

    def __post_init__(self) -> None:
        """Refuse what cannot be done."""
        if self.dtype not in DTYPES:
            raise OptionsError(f"dtype {self.dtype!r} is unknown; use {', '.join(DTYPES)}")
        if self.shard_size < 1:
            raise OptionsError(f"a file of {self.shard_size} bytes holds no weights; allow more")


@dataclass(frozen=True, slots=True)
class Written:
    """What a finished checkpoint holds."""

    parameters: int
    """Learned numbers."""

    dtype: str
    """Of most of them, as torch calls it."""

    size: int
    """Bytes of all weights."""

    files: int
    """How many the weights lie in."""


@dataclass(frozen=True, slots=True)
class Shard:
    """What one file of weights is to hold."""

    name: str

    steps: tuple[Step, ...]

    size: int
    """Bytes."""


def write_checkpoint(source: Path, target: Path, *, origin: Origin, saving: Saving) -> Written:
    """Write the checkpoint in `source` to the folder `target`, whole or not at all."""
    check_target(target, source, overwrite=saving.overwrite)
    checkpoint = open_checkpoint(source)
    config: MLLMSegConfig = checkpoint.model.config
    processor = load_processor(source, config)
    dtypes = dtypes_of(checkpoint, DTYPES[saving.dtype])
    shards = shards_of(checkpoint, dtypes, saving.shard_size)
    written = Written(
        parameters=sum(parameter.numel() for parameter in checkpoint.model.parameters()),
        dtype=spelt(main_dtype(checkpoint, dtypes)),
        size=sum(shard.size for shard in shards),
        files=len(shards),
    )
    check_room(target, written.size)
    origin = origin.or_of(config)
    origin = replace(origin, changes=(*origin.changes, *changes_of(checkpoint, dtypes)))
    note(config, written, origin)
    with told(target), whole_folder_or_nothing(target) as folder:
        config.save_pretrained(folder)
        processor.tokenizer.save_pretrained(folder)
        (folder / CARD_FILE).write_text(card(target.name, config, origin), encoding="utf-8")
        write_shards(folder, checkpoint, shards, dtypes)
        share(folder)
    return written


def dtypes_of(checkpoint: Checkpoint, wanted: torch.dtype | None) -> dict[str, torch.dtype]:
    """The dtype that each tensor is written in; counters keep theirs."""
    stored = checkpoint.weights.tensors
    expected = checkpoint.model.state_dict()
    return {
        name: (wanted or stored[step.sources[0]].dtype)
        if expected[name].is_floating_point()
        else expected[name].dtype
        for step in checkpoint.steps
        for name in step.targets
    }


def main_dtype(checkpoint: Checkpoint, dtypes: Mapping[str, torch.dtype]) -> torch.dtype:
    """The dtype of most numbers."""
    numbers: Counter[torch.dtype] = Counter()
    for name, tensor in checkpoint.model.state_dict().items():
        numbers[dtypes[name]] += tensor.numel()
    return numbers.most_common(1)[0][0]


def changes_of(checkpoint: Checkpoint, dtypes: Mapping[str, torch.dtype]) -> Iterator[str]:
    """What happens to the numbers on the way, in words; nothing where each is as it was stored."""
    stored = checkpoint.weights.tensors
    if any(without_lora(name)[1] == LORA_A for step in checkpoint.steps for name in step.sources):
        yield "LoRA added to the weights that it adapts"
    turned = {
        (stored[step.sources[0]].dtype, dtypes[name])
        for step in checkpoint.steps
        for name in step.targets
    }
    for old, new in sorted(turned, key=str):
        if old != new:
            yield f"{spelt(old)} rewritten as {spelt(new)}"


def shards_of(
    checkpoint: Checkpoint, dtypes: Mapping[str, torch.dtype], most: int
) -> tuple[Shard, ...]:
    """The files of weights: as few as hold the tensors in the model's own order."""
    expected = checkpoint.model.state_dict()
    places = {name: place for place, name in enumerate(expected)}
    runs: list[list[Step]] = []
    sizes: list[int] = []
    for step in sorted(checkpoint.steps, key=lambda step: places[step.targets[0]]):
        size = sum(expected[name].numel() * dtypes[name].itemsize for name in step.targets)
        if not runs or sizes[-1] + size > most:
            runs.append([])
            sizes.append(0)
        runs[-1].append(step)
        sizes[-1] += size
    return tuple(
        Shard(shard_name(number, len(runs)), tuple(run), size)
        for number, (run, size) in enumerate(zip(runs, sizes, strict=True), start=1)
    )


def shard_name(number: int, shards: int) -> str:
    """What the files of weights are called.

    >>> shard_name(1, 1), shard_name(2, 3)
    ('model.safetensors', 'model-00002-of-00003.safetensors')
    """
    return WEIGHTS_FILE if shards == 1 else f"model-{number:05}-of-{shards:05}.safetensors"


def write_shards(
    folder: Path,
    checkpoint: Checkpoint,
    shards: Sequence[Shard],
    dtypes: Mapping[str, torch.dtype],
) -> None:
    """Write the weights, one tensor in memory at a time, and the index of several files."""
    expected = checkpoint.model.state_dict()
    for shard in shards:
        names = [name for step in shard.steps for name in step.targets]
        contents = {name: (tuple(expected[name].shape), dtypes[name]) for name in names}
        write_safetensors(folder / shard.name, contents, tensors_of(shard, checkpoint, dtypes))
    if len(shards) > 1:
        places = {name: s.name for s in shards for step in s.steps for name in step.targets}
        index = {
            "metadata": {"total_size": sum(shard.size for shard in shards)},
            "weight_map": places,
        }
        (folder / INDEX_FILE).write_text(json.dumps(index, indent=2), encoding="utf-8")


def tensors_of(
    shard: Shard, checkpoint: Checkpoint, dtypes: Mapping[str, torch.dtype]
) -> Iterator[tuple[str, Tensor]]:
    """The tensors of one file, with their names."""
    for step in shard.steps:
        for name, made in converted(checkpoint, step):
            tensor = made.to(dtypes[name])
            check_finite(name, tensor, made)
            yield name, tensor


def check_finite(name: str, tensor: Tensor, made: Tensor) -> None:
    """Raise where a tensor to be written holds NaN or infinity, `made` from damaged ones or not."""
    if not tensor.is_floating_point() or is_finite(tensor):
        return
    if is_finite(made):
        raise CheckpointError(
            f"{name} holds numbers that {spelt(tensor.dtype)} cannot; use --dtype bf16 or fp32"
        )
    raise CheckpointError(
        f"{name} holds numbers that are not finite (NaN or infinity), so the checkpoint is damaged"
        " or its training went astray; copy or download it again, or use another"
    )


def is_finite(tensor: Tensor) -> bool:
    """Whether all its numbers are, told without a second tensor of its size."""
    if tensor.dtype.itemsize == 1:
        tensor = tensor.half()  # torch finds no extremes of 8 bits, and 16 hold all of them
    return all(bool(edge.isfinite()) for edge in tensor.aminmax())


def spelt(dtype: torch.dtype) -> str:
    """A dtype as people write it.

    >>> spelt(torch.bfloat16)
    'bfloat16'
    """
    return str(dtype).removeprefix("torch.")


def note(config: MLLMSegConfig, written: Written, origin: Origin) -> None:
    """Make the configuration tell what the checkpoint holds and where it came from."""
    config.architectures = ["MLLMSegModel"]
    config.dtype = written.dtype
    config.parameters = written.parameters
    config.source = origin.name
    config.source_commit = origin.commit
    config.source_changes = list(origin.changes)
    config.geoseg_version = __version__


def check_room(target: Path, needed: int) -> None:
    """Raise where the disk has no room for the weights."""
    free = shutil.disk_usage(target.resolve().parent).free
    if needed > free:
        raise CheckpointError(
            f"'{target}' would take {gib(needed)}, but its disk has {gib(free)} free; make room,"
            " choose another place, or a dtype with fewer bytes (--dtype bf16)"
        )


@contextmanager
def told(target: Path) -> Iterator[None]:
    """While inside, a disk that cannot be written to is a `CheckpointError` that says so."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or reason(error)
        raise CheckpointError(
            f"'{target}' could not be written: {why}; nothing was left there, so make room or"
            " choose another place"
        ) from error


def share(folder: Path) -> None:
    """Let whoever may read the configuration read the weights, which are written for one user."""
    mode = (folder / CONFIG_FILE).stat().st_mode
    for path in folder.iterdir():
        path.chmod(mode)
