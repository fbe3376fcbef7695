"""The command line: words to options to the pipeline."""

from geoseg.cli.app import main

__all__ = ["main"]
