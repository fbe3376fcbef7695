"""Small tokenizers in the layouts that MLLMSeg checkpoints are published in, and their oracles."""

import io
import json
import struct
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import regex
import sentencepiece
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

LINES = (
    "segment the red roofs north of the river in this image",
    "What are the large white roof building, the 2nd road on the left side in this image?",
    "Please output segmentation masks. Sure, the large white roof building:, road on the left:",
    "system\nuser\nassistant\nThe swimming pool, it's near 1204 parked trucks' gate; we'll see",
    "你是书生·万象，英文名是InternVL，是由上海人工智能实验室、清华大学及多家合作单位联合开发的大语言模型。",
    "红色的屋顶在河流北边，道路左侧有3辆卡车",
    "🏠 and 🌳🌳 by the lake\tthen  two   spaces    four\r\n\n  indented",
    "straße café naïve Ångström weiße Dächer",
)

CONTROL = (
    "<img>",
    "</img>",
    "<IMG_CONTEXT>",
    "<quad>",
    "</quad>",
    "<ref>",
    "</ref>",
    "<box>",
    "</box>",
    "[SEG]",
    "[REJ]",
)
"""What InternVL2.5 and MLLMSeg add to a language model's tokenizer, in this order."""

CHATTING = ("<|plugin|>", "<|interpreter|>", "<|action_end|>", "<|action_start|>")
TURNS = ("<|im_end|>", "<|im_start|>")

NORMAL, USER_DEFINED, UNUSED = 1, 4, 5

FRAGMENTS = (
    *("aer", "roof", "the", "The", "12", "3", "it's", "I'LL", "红色", "屋顶", "·", "🏠"),
    *("é", "e\u0301", "▁", ",", ":", ".", "?", "{}", "<0x41>", "<unk", "[SEG", "[UNUSED_TOKEN_0]"),
    *(" ", "  ", "    ", "\n", "\r\n", "\n\n", "\t", "\u3000"),
)

CHARACTERS = st.characters(exclude_categories=["Cs", "Cn"], exclude_characters="\0")

PLAIN_TEXT = st.lists(st.sampled_from(FRAGMENTS) | st.text(CHARACTERS, max_size=3), max_size=9).map(
    "".join
)


def texts(tokens: Sequence[str]) -> st.SearchStrategy[str]:
    """Text with some of the tokens in between."""
    return st.lists(PLAIN_TEXT | st.sampled_from(list(tokens)), max_size=5).map("".join)


def write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def write_added(
    folder: Path, added: Mapping[str, int], *, base: int, settings: Mapping[str, object]
) -> None:
    """The three files in which a published folder names its added tokens."""
    decoder = {
        str(token_id): {
            "content": token,
            "lstrip": False,
            "normalized": False,
            "rstrip": False,
            "single_word": False,
            "special": True,
        }
        for token, token_id in added.items()
    }
    beyond = {token: token_id for token, token_id in added.items() if token_id >= base}
    write_json(folder / "added_tokens.json", beyond)
    write_json(folder / "tokenizer_config.json", {"added_tokens_decoder": decoder, **settings})
    write_json(folder / "special_tokens_map.json", {"additional_special_tokens": list(CONTROL)})


@cache
def trained_bpe() -> tuple[dict[str, int], tuple[str, ...]]:
    """Vocabulary and merges of a byte-level BPE, as the lines of its files."""
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.train_from_iterator(
        LINES * 3,
        trainers.BpeTrainer(
            vocab_size=400,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    model = json.loads(backend.to_str())["model"]
    return model["vocab"], tuple(" ".join(pair) for pair in model["merges"])


def qwen2_added() -> dict[str, int]:
    tokens = ("<|endoftext|>", *reversed(TURNS), *CONTROL)
    return {token: len(trained_bpe()[0]) + place for place, token in enumerate(tokens)}


def write_qwen2(folder: Path) -> Path:
    """A folder as Qwen2's slow tokenizer saves it."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary, merges = trained_bpe()
    write_json(folder / "vocab.json", vocabulary)
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges, ""]), encoding="utf-8")
    write_added(
        folder,
        qwen2_added(),
        base=len(vocabulary),
        settings={
            "tokenizer_class": "Qwen2Tokenizer",
            "bos_token": None,
            "eos_token": "<|im_end|>",
            "pad_token": "<|endoftext|>",
            "unk_token": None,
        },
    )
    return folder


WORDS = regex.compile(
    r"""
    (?i:'(?:s|t|re|ve|m|ll|d))       # English endings
    | [^\r\n\p{L}\p{N}]?\p{L}+      # a word, and what stands before it
    | \p{N}                          # one digit
    | [ ]?[^\s\p{L}\p{N}]+[\r\n]*   # signs
    | \s*[\r\n]+
    | \s+(?!\S)                      # spaces but the last
    | \s+
    """,
    regex.VERBOSE,
)
"""Qwen2's words."""


def byte_letters() -> dict[int, str]:
    """The letter that stands for each byte: itself where it can be seen."""
    seen = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), 256)]
    unseen = [byte for byte in range(256) if byte not in seen]
    return {b: chr(b) for b in seen} | {b: chr(256 + i) for i, b in enumerate(unseen)}


LETTERS = byte_letters()


def qwen2_ids(text: str) -> list[int]:
    """What Qwen2's slow tokenizer gives, by its definition."""
    vocabulary, merges = trained_bpe()
    ranks = {tuple(merge.split()): rank for rank, merge in enumerate(merges)}
    ids = []
    for stretch in stretches(text, qwen2_added()):
        if stretch in qwen2_added():
            ids.append(qwen2_added()[stretch])
            continue
        for word in WORDS.findall(unicodedata.normalize("NFC", stretch)):
            parts = [LETTERS[byte] for byte in word.encode()]
            while pairs := [pair for pair in pairwise(parts) if pair in ranks]:
                best = min(pairs, key=ranks.__getitem__)
                place = next(i for i, pair in enumerate(pairwise(parts)) if pair == best)
                parts[place : place + 2] = ["".join(best)]
            ids += [vocabulary[part] for part in parts]
    return ids


def stretches(text: str, tokens: Mapping[str, int]) -> list[str]:
    """The text cut at every token in it, the longest first; the tokens stay."""
    pattern = "|".join(regex.escape(token) for token in sorted(tokens, key=len, reverse=True))
    return [stretch for stretch in regex.split(f"({pattern})", text) if stretch]


@cache
def trained_pieces(*, leading_space: bool = False, **choices: object) -> bytes:
    """A sentencepiece model."""
    written = io.BytesIO()
    settings = {
        "model_type": "bpe",
        "vocab_size": 440,
        "character_coverage": 0.995,
        "byte_fallback": True,
        "remove_extra_whitespaces": False,
        "normalization_rule_name": "identity",
        "split_digits": True,
        "allow_whitespace_only_pieces": True,
    }
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([line for line in LINES * 3 if "\n" not in line]),
        model_writer=written,
        add_dummy_prefix=leading_space,
        minloglevel=2,
        **{**settings, **choices},
    )
    return written.getvalue()


def piece(text: str, score: float, kind: int) -> bytes:
    """One more piece: written behind a model, it becomes the last."""
    content = text.encode()
    fields = b"\x0a" + bytes([len(content)]) + content
    fields += b"\x15" + struct.pack("<f", score) + b"\x18" + bytes([kind])
    return b"\x0a" + bytes([len(fields)]) + fields


def with_reserved(model: bytes, kind: int = USER_DEFINED) -> bytes:
    """The model with pieces that are kept free, as InternLM2's ends with."""
    return model + b"".join(piece(f"[UNUSED_TOKEN_{i}]", -9e3 - i, kind) for i in range(8))


@cache
def internlm2_model(*, leading_space: bool = False) -> bytes:
    """A model like InternLM2's; text can hold its reserved pieces where that is exact."""
    kind = NORMAL if leading_space else USER_DEFINED
    return with_reserved(trained_pieces(leading_space=leading_space), kind)


def internlm2_added(model: bytes) -> dict[str, int]:
    """InternLM2 respells the last reserved pieces; the rest comes behind."""
    end = sentencepiece.SentencePieceProcessor(model_proto=model).get_piece_size()
    usual = {"<unk>": 0, "<s>": 1, "</s>": 2}
    respelled = (*CHATTING, *TURNS)
    tokens = {token: end - len(respelled) + i for i, token in enumerate((*respelled, *CONTROL))}
    return {**usual, **tokens}


def write_internlm2(folder: Path, model: bytes) -> Path:
    """A folder as InternLM2's slow tokenizer saves it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.model").write_bytes(model)
    added = internlm2_added(model)
    write_added(
        folder,
        added,
        base=added["<img>"],
        settings={
            "tokenizer_class": "InternLM2Tokenizer",
            "auto_map": {"AutoTokenizer": ["tokenization_internlm2.InternLM2Tokenizer", None]},
            "bos_token": "<s>",
            "eos_token": "</s>",
            "pad_token": "</s>",
            "unk_token": "<unk>",
        },
    )
    (folder / "tokenization_internlm2.py").write_text("raise SystemExit('remote code was run')\n")
    return folder


def internlm2_ids(model: bytes, text: str) -> list[int]:
    """What InternLM2's slow tokenizer gives: sentencepiece for each stretch between tokens."""
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model)
    added = internlm2_added(model)
    ids: list[int] = []
    for stretch in stretches(text, added):
        ids += [added[stretch]] if stretch in added else pieces.encode(stretch)
    return ids
