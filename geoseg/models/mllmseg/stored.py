"""Tensors in weight files, read one at a time."""

# mypy: disable-error-code="no-untyped-call"
# safetensors is typed only in parts

import math
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from pickle import UnpicklingError
from typing import Protocol

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from geoseg.errors import CheckpointError
from geoseg.models.mllmseg.folder import (
    INDEX_FILE,
    WEIGHTS_FILE,
    existing,
    listed,
    load_json,
    reason,
)

LAYOUTS = (
    (WEIGHTS_FILE, INDEX_FILE),
    ("pytorch_model.bin", "pytorch_model.bin.index.json"),
)
"""The whole file and the index of several, in the order in which they are looked for."""

UNREAD = ("*.safetensors", "*.bin", "*.pt", "*.pth", "*.ckpt")
"""What weight files of other names look like."""

MAPPED_AT_ONCE = 2**27
"""Bytes read through one mapping of a file before it is made anew: mapped pages count as memory."""

HEAD = 64
"""Bytes that tell one kind of file from another."""

ZIP, PICKLE, POINTER = b"PK\x03\x04", b"\x80", b"version https://git-lfs"
"""How files begin: written by torch 1.6 or later, a bare pickle, a stand-in of Git LFS."""

PICKLED_NAMES = "data.pkl"
"""The entry of a file of `torch.save` that tells names and shapes; it is read into memory whole."""

MOST_PICKLED = 2**26
"""Bytes of it; those of a checkpoint of a thousand tensors are about 100,000."""

DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F8_E4M3": torch.float8_e4m3fn,
    "F8_E5M2": torch.float8_e5m2,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
"""What safetensors calls the dtypes."""


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """What is known of a tensor before its numbers are read."""

    path: Path
    """The file it lies in."""

    shape: tuple[int, ...]

    dtype: torch.dtype

    @property
    def size(self) -> int:
        """Bytes."""
        return math.prod(self.shape) * self.dtype.itemsize


class WeightFile(Protocol):
    """An open file of tensors, mapped into memory."""

    def contents(self) -> dict[str, tuple[tuple[int, ...], torch.dtype]]:
        """Shape and dtype of every tensor in it, by name."""
        ...

    def tensor(self, name: str) -> Tensor:
        """A view of the file: the mapping lives for as long as the view does."""
        ...


class SafetensorsFile:
    """An open safetensors file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._tensors = safe_open(path, framework="pt")
        except SafetensorError as error:
            raise damaged(path, error) from error

    def contents(self) -> dict[str, tuple[tuple[int, ...], torch.dtype]]:
        """Shape and dtype of every tensor in it, by name."""
        found = {}
        for name in self._tensors.keys():  # noqa: SIM118 - safe_open is no mapping
            header = self._tensors.get_slice(name)
            if (dtype := DTYPES.get(header.get_dtype())) is None:
                raise CheckpointError(
                    f"'{self._path}' stores {name} as {header.get_dtype()}; {not_quantised()}"
                )
            found[name] = (tuple(header.get_shape()), dtype)
        return found

    def tensor(self, name: str) -> Tensor:
        """A view of the file: the mapping lives for as long as the view does."""
        view: Tensor = self._tensors.get_tensor(name)
        return view


class TorchFile:
    """An open file written by `torch.save`; nothing in it is run."""

    def __init__(self, path: Path) -> None:
        self._path = path
        head = first_bytes(path)
        if head.startswith(PICKLE):
            raise CheckpointError(
                f"'{path}' is a bare pickle, of torch before 1.6 or of another program, and is not"
                f" read; load it where you trust it and save it as {WEIGHTS_FILE} (safetensors)"
            )
        if not head.startswith(ZIP):
            raise damaged(path, "it is no file written by torch.save")
        check_archive(path)
        self._tensors = self._opened()

    def contents(self) -> dict[str, tuple[tuple[int, ...], torch.dtype]]:
        """Shape and dtype of every tensor in it, by name."""
        return {name: (tuple(view.shape), view.dtype) for name, view in self._tensors.items()}

    def tensor(self, name: str) -> Tensor:
        """A view of the file: the mapping lives for as long as the view does."""
        return self._tensors[name]

    def _opened(self) -> Mapping[str, Tensor]:
        try:
            content = torch.load(self._path, map_location="cpu", mmap=True, weights_only=True)
        except UnpicklingError as error:
            raise CheckpointError(
                f"'{self._path}' holds more than tensors, such as code that would run, and is not"
                f" loaded; use a copy of the weights as {WEIGHTS_FILE} (safetensors)"
            ) from error
        except Exception as error:  # a damaged archive raises errors of any kind
            raise damaged(self._path, error) from error
        if not isinstance(content, dict) or not all(map(is_plain, content.items())):
            raise CheckpointError(
                f"'{self._path}' holds something else than named tensors; save the model's"
                " state_dict, not a whole training state"
            )
        return content


OPENERS: dict[str, Callable[[Path], WeightFile]] = {
    ".safetensors": SafetensorsFile,
    ".bin": TorchFile,
}


class Weights:
    """The tensors of a checkpoint: all their shapes at once, their numbers one at a time."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.tensors: dict[str, StoredTensor] = {}
        self._file: WeightFile | None = None
        self._path: Path | None = None
        self._mapped = 0
        for path in paths:
            for name, (shape, dtype) in open_weight_file(path).contents().items():
                self._add(name, StoredTensor(path, shape, dtype))

    @property
    def size(self) -> int:
        """Bytes of all tensors."""
        return sum(stored.size for stored in self.tensors.values())

    def view(self, name: str) -> Tensor:
        """A view of the stored tensor; copy what is to stay, and let go of it."""
        stored = self.tensors[name]
        file = self._file
        if file is None or stored.path != self._path or self._mapped > MAPPED_AT_ONCE:
            file = self._file = None  # lets go of the old mapping first
            file = self._file = open_weight_file(stored.path)
            self._path, self._mapped = stored.path, 0
        self._mapped += stored.size
        return file.tensor(name)

    def _add(self, name: str, stored: StoredTensor) -> None:
        if (other := self.tensors.get(name)) is not None:
            raise CheckpointError(
                f"{name} is stored twice, in '{other.path}' and in '{stored.path}';"
                " copy or download the checkpoint again"
            )
        self.tensors[name] = stored


def open_weights(folder: Path) -> Weights:
    """The weights in a checkpoint folder; safetensors where there are any."""
    for whole, index in LAYOUTS:
        named = load_index(folder / index) if (folder / index).is_file() else []
        if (folder / whole).is_file():
            return Weights([folder / whole])
        if named:
            return Weights(named)
    if names := sorted(path.name for pattern in UNREAD for path in folder.glob(pattern)):
        raise CheckpointError(
            f"'{folder}' has no {WEIGHTS_FILE}; it holds {listed(names)}, but weights are read from"
            f" {' or '.join(name for pair in LAYOUTS for name in pair)} only"
        )
    return Weights([existing(folder, WEIGHTS_FILE)])


def open_weight_file(path: Path) -> WeightFile:
    """One file of weights, opened by its ending."""
    if first_bytes(path).startswith(POINTER):
        raise CheckpointError(
            f"'{path}' is only a pointer of Git LFS to the weights; fetch them with 'git lfs pull'"
        )
    return OPENERS[path.suffix](path)


def load_index(path: Path) -> list[Path]:
    """The weight files that an index names, all beside it and of its own kind."""
    named = load_json(path).get("weight_map")
    if not isinstance(named, dict) or not named:
        raise CheckpointError(f"'{path}' has no weight_map; copy or download it again")
    ending = Path(path.name.removesuffix(".index.json")).suffix
    for name in named.values():
        check_plain_name(path, name, ending)
    names = sorted(set(named.values()))
    if missing := [name for name in names if not (path.parent / name).is_file()]:
        raise CheckpointError(
            f"'{path.parent}' is no whole checkpoint: it has no {listed(missing)};"
            f" {len(missing)} of the {len(names)} files of weights that {path.name} names are"
            " missing, so copy or download them"
        )
    return [path.parent / name for name in names]


def check_plain_name(index: Path, name: object, ending: str) -> None:
    """Raise unless an index names a file of that ending that lies beside it."""
    is_plain_name = isinstance(name, str) and PureWindowsPath(name).name == name  # knows / \ C:
    if not is_plain_name or not str(name).endswith(ending):
        raise CheckpointError(
            f"'{index}' names {name!r}, which is no {ending} file beside it; weights are"
            " read from the checkpoint's own folder only, so correct it or download it again"
        )


def is_plain(entry: tuple[object, object]) -> bool:
    """True where a name has an ordinary tensor."""
    name, value = entry
    return (
        isinstance(name, str)
        and isinstance(value, Tensor)
        and value.device.type == "cpu"
        and value.layout == torch.strided
        and not value.is_complex()
        and not value.is_quantized
    )


def check_archive(path: Path) -> None:
    """Raise where a file of `torch.save` would unfold to more than it is, as bombs do."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except Exception as error:  # a damaged archive raises errors of any kind
        raise damaged(path, error) from error
    if packed := [e.filename for e in entries if e.compress_type != zipfile.ZIP_STORED]:
        raise CheckpointError(
            f"'{path}' holds compressed parts ({listed(packed)}), which torch.save never writes,"
            f" and is not read; use a copy of the weights as {WEIGHTS_FILE} (safetensors)"
        )
    if any(e.filename.endswith(PICKLED_NAMES) and e.file_size > MOST_PICKLED for e in entries):
        raise CheckpointError(
            f"'{path}' has a list of names of more than {MOST_PICKLED // 2**20} MiB, as no model's"
            f" weights have, and is not read; use a copy of them as {WEIGHTS_FILE} (safetensors)"
        )


def first_bytes(path: Path) -> bytes:
    """How a file begins."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError as error:
        raise damaged(path, error) from error


def damaged(path: Path, error: Exception | str) -> CheckpointError:
    """What to say of a file that cannot be read as what its name says."""
    said = reason(error) if isinstance(error, Exception) else error
    return CheckpointError(f"'{path}' is damaged or cut short ({said}); copy or download it again")


def not_quantised() -> str:
    """What to say of weights that are not plain numbers."""
    return (
        "quantised checkpoints cannot be loaded yet, so use one with its weights in float32,"
        " bfloat16 or float16"
    )
