from geoseg.models.mllmseg.parity.toy import toy_tokenizer

SPECIAL = {"<s>": 1, "</s>": 2, "<|endoftext|>": 2, "<img>": 385, "[SEG]": 394}


def test_every_character_is_a_token_by_its_code() -> None:
    tokenizer = toy_tokenizer(SPECIAL, "a 你。\n")
    ids = tokenizer.encode("a 你。\n", add_special_tokens=False)
    assert ids == [97, 32, 128 + ord("你") % 160, 128 + ord("。") % 160, 10]


def test_control_tokens_have_the_numbers_given() -> None:
    tokenizer = toy_tokenizer(SPECIAL, "你")
    assert tokenizer.encode("<s>[SEG]a<img>", add_special_tokens=False) == [1, 394, 97, 385]


def test_of_control_tokens_with_one_number_the_first_is_known() -> None:
    known = toy_tokenizer(SPECIAL, "").added_tokens_encoder
    assert known["</s>"] == 2
    assert "<|endoftext|>" not in known
