"""How far something is, told while it lasts."""

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Called with what is done and what there is to do, in the thread that asked for it."""
