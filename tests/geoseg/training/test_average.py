import torch

from geoseg.training.average import FAST, Average


def test_an_average_is_the_exponential_mean_of_what_it_follows() -> None:
    followed = {"weight": torch.zeros(3)}
    average = Average(followed, slowness=0.5)
    expected = torch.zeros(3)
    for step in range(1, 40):
        followed["weight"].copy_(torch.full((3,), float(step % 7)))
        average.follow(step)
        kept = min(0.5, step / (step + FAST))
        expected = kept * expected + (1 - kept) * followed["weight"]
    torch.testing.assert_close(average.tensors["weight"], expected)


def test_counters_are_not_averaged() -> None:
    followed = {"count": torch.tensor(0)}
    average = Average(followed, slowness=0.9)
    followed["count"].fill_(7)
    average.follow(1)
    assert average.tensors["count"].item() == 7


def test_the_average_takes_the_place_of_the_weights_only_for_a_while() -> None:
    weight = torch.nn.Parameter(torch.ones(2))
    average = Average({"weight": weight.detach()}, slowness=0.9)
    weight.data.fill_(5)
    with average.in_place():
        assert weight.tolist() == [1, 1]
    assert weight.tolist() == [5, 5]
    assert average.tensors["weight"].tolist() == [1, 1]
