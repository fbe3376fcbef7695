"""What is known of a model that has not been loaded."""

from dataclasses import dataclass
from typing import Self

from geoseg.checkpoint import CheckpointFacts, hint, load_facts, published_facts
from geoseg.checkpoint_files import lacks
from geoseg.costs import ModelCosts, costs_of
from geoseg.errors import ModelError
from geoseg.segmenter import checkpoint_folder

QUERY_SHARE = 0.1
"""What a query costs of a look at the chip, where the sizes of the model are not known."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a model that has not been loaded."""

    name: str

    facts: CheckpointFacts

    origin: str
    """Where the facts come from."""

    costs: ModelCosts | None
    """None where the costs of such a model are not known."""

    lacks: str = ""
    """What its folder lacks, as the end of "it has ..."; empty where nothing is known of that."""

    @classmethod
    def by(cls, name: str) -> Self:
        """The model of that name; nothing is downloaded to know it."""
        folder = checkpoint_folder(name)
        facts = load_facts(folder) if folder else published_facts(name)
        if facts is None:
            raise ModelError(
                f"'{name}' is on a hub{hint(name)}, and info downloads nothing; "
                "give the folder of a downloaded checkpoint"
            )
        origin = "its config.json" if folder else "the published sizes"
        costs = None if facts.sizes is None else costs_of(facts.sizes)
        return cls(name, facts, origin, costs, lacks(folder) if folder else "")

    def slower(self, queries: int) -> float:
        """How many times longer a chip takes with that many queries than with one."""
        if self.costs is None:
            return 1 + QUERY_SHARE * (queries - 1)
        return self.costs.gflop(queries) / self.costs.gflop()
