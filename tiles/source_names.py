"""What to call a raster in messages, reports and tags."""

import re

LOGIN = re.compile(r"(?<=://)[^/?#\s]*@")

QUERY = re.compile(r"\?[^\s\"')]*")
"""What follows the path of a URL; signatures and tokens stand there."""


def source_name(path: str) -> str:
    """A path or URL without passwords, signatures and the text of whole VRTs.

    >>> source_name("https://me:secret@example.com/scene.tif?sig=secret")
    'https://example.com/scene.tif'
    >>> source_name("what?.tif")
    'what?.tif'
    """
    if path.lstrip().startswith("<"):
        return "a VRT given as text"
    if "://" not in path and not path.startswith("/vsi"):
        return path
    return QUERY.sub("", LOGIN.sub("", path))


def without_secrets(message: str, path: str) -> str:
    """What a library says about `path`, with the name that may be shown."""
    message = message.replace(path, source_name(path))
    return QUERY.sub("", LOGIN.sub("", message)) if "://" in message else message
