import pytest

from tiles.source_names import source_name, without_secrets


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("https://me:secret@example.com/a.tif", "https://example.com/a.tif"),
        ("https://example.com/a.tif?sig=secret&x=1", "https://example.com/a.tif"),
        ("/vsicurl/https://me:s@x.com/a.tif?sig=secret", "/vsicurl/https://x.com/a.tif"),
        ("WarpedVRT(https://x.com/a.tif?sig=secret)", "WarpedVRT(https://x.com/a.tif)"),
        ("/vsicurl?url=https%3A%2F%2Fx.com&header=secret", "/vsicurl"),
        (" <VRTDataset><SourceFilename>secret</SourceFilename>", "a VRT given as text"),
        ("s3://bucket/a@b.tif", "s3://bucket/a@b.tif"),
        ("/data/really?.tif", "/data/really?.tif"),
        ("me@home.tif", "me@home.tif"),
    ],
)
def test_names_hold_no_secrets(path: str, name: str) -> None:
    assert source_name(path) == name


def test_messages_of_libraries_hold_no_secrets() -> None:
    path = "https://me:secret@x.com/a.tif?sig=secret"
    message = f"HTTP 403 for '{path}', redirected from https://y.com?token=secret"
    assert "secret" not in without_secrets(message, path)
    assert without_secrets("no such file: what?.tif", "what?.tif") == "no such file: what?.tif"
