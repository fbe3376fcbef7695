"""The files that VRTs are made of."""

import re
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import Path

SOURCE = re.compile(r"<SourceFilename([^>]*)>([^<]+)</SourceFilename>")

BESIDE = 'relativeToVRT="1"'
"""What is written where the path of a source starts at the folder of the VRT."""

ELSEWHERE = re.compile(r"/vsi|\w\w+:")
"""How sources begin that are no plain files; a single letter is a drive."""


def lost_sources(files: Iterable[str]) -> tuple[Path, ...]:
    """The files that VRTs among some files are made of, and that are not there; each once."""
    vrts = (Path(file) for file in files if file.lower().endswith(".vrt"))
    sources = dict.fromkeys(source for vrt in vrts if vrt.is_file() for source in _sources(vrt))
    return tuple(source for source in sources if not source.exists())


def _sources(vrt: Path) -> Iterator[Path]:
    """The files that a VRT names."""
    for attributes, name in SOURCE.findall(vrt.read_text(encoding="utf-8", errors="replace")):
        if not ELSEWHERE.match(name):
            yield (vrt.parent if BESIDE in attributes else Path()) / unescape(name)
