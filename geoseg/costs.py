"""What a model costs, told from its sizes: parameters, memory, arithmetic."""

from dataclasses import dataclass, fields
from typing import Literal

MULTIPLY_ADD = 2
"""Operations in a multiplication with its addition, as in the field's tables."""

GIGA = 1e9

BITS_IN_BYTE = 8

WEIGHT_BITS = {"float32": 32.0, "bfloat16": 16.0, "float16": 16.0}
"""Bits of a number, by dtype."""

QUANTISED_BITS = {"8bit": 8.0, "4bit": 4.5}
"""Bits of a weight in the matrices of both towers; the rest stays in 16 bits. NormalFloat has a
float32 scale for every 64 weights: half a bit each."""

GPU_PEAKS = {"H200": 989e12, "H100": 989e12, "A100": 312e12, "RTX 4090": 165e12, "L4": 121e12}
"""Operations a second in dense bfloat16 summed in float32, by their makers' data sheets."""


def check_positive(sizes: "VisionSizes | LanguageSizes | DecoderSizes") -> None:
    """Raise unless every whole number among the sizes is at least 1."""
    for field in fields(sizes):
        size = getattr(sizes, field.name)
        if isinstance(size, int) and not isinstance(size, bool) and size < 1:
            raise ValueError(f"{field.name} must be 1 or more, not {size}")


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionSizes:
    """Sizes of the vision tower."""

    chip_size: int
    """Pixels along one side of the chip."""

    patch_size: int
    """Pixels along one side of a patch."""

    layers: int

    width: int

    hidden: int
    """Width inside the feed-forward part of a layer."""

    has_bias: bool = True
    """Whether queries, keys and values have a bias."""

    def __post_init__(self) -> None:
        """Refuse sizes that no tower can have."""
        check_positive(self)
        if self.chip_size % self.patch_size:
            raise ValueError(f"patches of {self.patch_size} px do not fill {self.chip_size} px")

    @property
    def patches(self) -> int:
        """Patches of a chip."""
        return (self.chip_size // self.patch_size) ** 2

    @property
    def patch_weights(self) -> int:
        """Weights that read a patch in three colours."""
        return 3 * self.patch_size**2 * self.width

    @property
    def matrices(self) -> int:
        """Weights in the matrices of one layer."""
        return 4 * self.width**2 + 2 * self.width * self.hidden

    @property
    def parameters(self) -> int:
        """What the tower has learned."""
        biases = (5 if self.has_bias else 2) * self.width + self.hidden
        norms_and_scales = 6 * self.width  # two norms, two layer scales
        places = (self.patches + 2) * self.width  # with the class token's, and that token
        layer = self.matrices + biases + norms_and_scales
        return self.layers * layer + places + self.patch_weights + self.width

    @property
    def operations(self) -> int:
        """To look at one chip."""
        tokens = self.patches + 1
        layer = tokens * self.matrices + 2 * tokens**2 * self.width
        return MULTIPLY_ADD * (self.layers * layer + self.patches * self.patch_weights)

    @property
    def in_flight(self) -> int:
        """Numbers held at once for one chip; three times what a feed-forward part reads and has."""
        return 3 * (self.patches + 1) * (self.width + self.hidden)


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageSizes:
    """Sizes of the language model."""

    kind: Literal["qwen2", "llama", "internlm2"]

    layers: int

    width: int

    heads: int

    kv_heads: int
    """Heads of keys and values; several query heads share one."""

    head_width: int

    hidden: int
    """Width inside the feed-forward part of a layer."""

    vocabulary: int

    has_bias: bool = False
    """Whether all of attention has biases; queries, keys and values of qwen2 always do."""

    has_hidden_bias: bool = False
    """Whether the feed-forward part has biases."""

    def __post_init__(self) -> None:
        """Refuse sizes that no language model can have."""
        check_positive(self)

    @property
    def matrices(self) -> int:
        """Weights in the matrices of one layer."""
        attention = 2 * self.width * self.head_width * (self.heads + self.kv_heads)
        return attention + 3 * self.width * self.hidden

    @property
    def biases(self) -> int:
        """Numbers in the biases of one layer."""
        reading = (self.heads + 2 * self.kv_heads) * self.head_width
        attention = reading + self.width if self.has_bias else 0
        feed_forward = 2 * self.hidden + self.width if self.has_hidden_bias else 0
        return (reading if self.kind == "qwen2" else attention) + feed_forward

    @property
    def embeddings(self) -> int:
        """Weights that read tokens; as many, never the same ones, are in the head."""
        return self.vocabulary * self.width

    @property
    def parameters(self) -> int:
        """What the language model has learned, its head not counted."""
        layer = self.matrices + self.biases + 2 * self.width  # two norms
        return self.layers * layer + self.embeddings + self.width

    def operations(self, tokens: int, *, behind: int = 0) -> int:
        """To read that many tokens behind others that are remembered."""
        pairs = tokens * behind + tokens * (tokens + 1) // 2  # a token sees itself and backwards
        attention = 2 * pairs * self.heads * self.head_width
        return MULTIPLY_ADD * self.layers * (tokens * self.matrices + attention)

    def remembered(self, tokens: int) -> int:
        """Numbers in the keys and values of that many tokens."""
        return 2 * self.layers * self.kv_heads * self.head_width * tokens

    def in_flight(self, tokens: int) -> int:
        """Numbers held at once while that many tokens are read, counted as for the other tower."""
        return 3 * tokens * (self.width + self.hidden)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoderSizes:
    """Sizes of the mask decoder, beside those of the towers."""

    hidden: int = 1024
    """Width inside the feed-forward parts."""

    upsample_groups: int = 4

    shrink: int = 2
    """Patches along one side of the square that becomes one image token."""

    conditioning: Literal["attention", "film"] = "attention"
    """How a query enters."""

    def __post_init__(self) -> None:
        """Refuse sizes that no decoder can have."""
        check_positive(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSizes:
    """Sizes of a whole model, and of what it reads."""

    vision: VisionSizes

    language: LanguageSizes

    decoder: DecoderSizes = DecoderSizes()

    prefix_text: int = 50
    """Tokens that are the same for every query, beside those of the image."""

    suffix: int = 50
    """Tokens of one query with the question around it."""

    @property
    def image_tokens(self) -> int:
        """Tokens that stand for a chip."""
        return self.vision.patches // self.decoder.shrink**2

    @property
    def prefix(self) -> int:
        """Tokens read once per chip."""
        return self.image_tokens + self.prefix_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What each part has learned."""

    vision: int
    projector: int
    language_model: int
    head: int
    decoder: int

    @property
    def total(self) -> int:
        """What the model has learned."""
        return sum(getattr(self, part.name) for part in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCosts:
    """What a model costs."""

    parameters: Parameters

    matrices: int
    """Weights in the matrices of both towers, which quantisation makes smaller."""

    remembered: int
    """Numbers that are kept of one chip while it is asked: keys, values and the decoder's trunk."""

    in_flight: int
    """Numbers held at once while one chip is looked at; rough."""

    in_flight_per_query: int
    """Numbers held at once while one query of a chip is drawn; rough."""

    shared_gflop: float
    """Per chip, whatever is asked."""

    query_gflop: float
    """Per chip and query."""

    def weight_bytes(self, dtype: str) -> int:
        """Of all weights in a dtype, or "8bit" or "4bit"."""
        total = self.parameters.total
        if dtype not in QUANTISED_BITS:
            return round(total * WEIGHT_BITS[dtype] / BITS_IN_BYTE)
        kept = (total - self.matrices) * WEIGHT_BITS["bfloat16"]
        return round((self.matrices * QUANTISED_BITS[dtype] + kept) / BITS_IN_BYTE)

    def chip_bytes(self, dtype: str, *, queries: int = 1) -> int:
        """Roughly, beside the weights, for each chip of a batch."""
        drawn = self.remembered + queries * self.in_flight_per_query
        numbers = self.remembered + self.in_flight
        return round(max(numbers, drawn) * WEIGHT_BITS[dtype] / BITS_IN_BYTE)

    def gflop(self, queries: int = 1) -> float:
        """To ask one chip that many queries."""
        return self.shared_gflop + queries * self.query_gflop

    def speed_up(self, queries: int) -> float:
        """How many times faster the queries are together than one by one."""
        return queries * self.gflop() / self.gflop(queries)

    def chips_per_second(self, peak: float, *, share: float, queries: int = 1) -> float:
        """Where a share of `peak` operations a second is reached."""
        return peak * share / (GIGA * self.gflop(queries))


def costs_of(sizes: ModelSizes) -> ModelCosts:
    """What a model of these sizes costs."""
    vision, language, width = sizes.vision, sizes.language, sizes.language.width
    square = vision.width * sizes.decoder.shrink**2
    reads_patches = square * width + width**2
    shared = vision.operations + language.operations(sizes.prefix) + trunk_operations(sizes)
    shared += MULTIPLY_ADD * sizes.image_tokens * reads_patches
    asking = language.operations(sizes.suffix, behind=sizes.prefix)
    trunk = vision.patches * vision.width
    looking = max(vision.in_flight, language.in_flight(sizes.prefix) + trunk)
    return ModelCosts(
        parameters=Parameters(
            vision=vision.parameters,
            projector=reads_patches + 2 * square + 2 * width,
            language_model=language.parameters,
            head=language.embeddings,
            decoder=decoder_parameters(sizes),
        ),
        matrices=vision.layers * vision.matrices + language.layers * language.matrices,
        remembered=language.remembered(sizes.prefix) + trunk,
        in_flight=looking,
        in_flight_per_query=vision.patches * (2 * vision.width + sizes.decoder.hidden)
        + 2 * vision.chip_size**2,
        shared_gflop=shared / GIGA,
        query_gflop=(asking + drawing_operations(sizes)) / GIGA,
    )


def decoder_parameters(sizes: ModelSizes) -> int:
    """What the mask decoder has learned."""
    width, hidden = sizes.vision.width, sizes.decoder.hidden
    attention = 4 * width * (width + 1)
    conditioning = {"attention": attention, "film": 2 * width * (width + 1)}
    rest_of_layer = 2 * width * hidden + hidden + width + 8 * width  # with four norms
    pixels = sizes.vision.patch_size**2
    moves = 2 * sizes.decoder.upsample_groups * sizes.decoder.shrink**2
    return (
        2 * (sizes.language.width + 1) * width  # image states and [SEG] states brought to width
        + 2 * attention
        + rest_of_layer
        + (width + 1) * moves
        + (3 * width + 1) * width
        + attention
        + conditioning[sizes.decoder.conditioning]
        + rest_of_layer
        + (9 * width + 3) * pixels  # a 3 x 3 convolution with its norm
        + 26  # the 5 x 5 convolution that smooths
    )


def trunk_operations(sizes: ModelSizes) -> int:
    """To work out what all queries of a chip share of the drawing."""
    width, patches, tokens = sizes.vision.width, sizes.vision.patches, sizes.image_tokens
    among_patches = 4 * patches * width**2 + 2 * patches**2 * width
    to_tokens = 2 * (patches + tokens) * width**2 + 2 * patches * tokens * width
    feed_forward = 2 * patches * width * sizes.decoder.hidden
    moves = 2 * sizes.decoder.upsample_groups * sizes.decoder.shrink**2
    brought = tokens * width * (sizes.language.width + moves)
    joined = 3 * patches * width**2
    return MULTIPLY_ADD * (2 * among_patches + to_tokens + feed_forward + brought + joined)


def drawing_operations(sizes: ModelSizes) -> int:
    """To draw one query."""
    vision, width = sizes.vision, sizes.vision.width
    entering = width * (sizes.language.width + 2 * width)
    feed_forward = 2 * width * sizes.decoder.hidden
    pixels = 9 * width * vision.patch_size**2
    patches = vision.patches * (feed_forward + pixels)
    return MULTIPLY_ADD * (entering + patches + 25 * vision.chip_size**2)
