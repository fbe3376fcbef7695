from pathlib import Path

import torch
from torch import nn

from geoseg.training.learner import Places
from geoseg.training.optimiser import Optimiser, groups, rate_of
from geoseg.training.options import OptimiserOptions
from geoseg.training.pupil import open_pupil
from geoseg.training.ranks import Rank
from tests.geoseg.training.runs import run_options

PLACES = Places(torch.device("cpu"), Rank())


def test_vectors_do_not_decay_and_parts_have_rates_of_their_own(tmp_path: Path) -> None:
    pupil = open_pupil(run_options(tmp_path), PLACES)
    found = groups(pupil.answering, OptimiserOptions(rates={"vision": 0.5}))
    assert {(group["share"], group["weight_decay"]) for group in found} == {
        (0.5, 0.05), (0.5, 0.0), (1.0, 0.05), (1.0, 0.0),
    }  # fmt: skip
    assert all((one.dim() > 1) == (g["weight_decay"] > 0) for g in found for one in g["params"])


def test_the_last_layer_has_the_rate_of_the_decoder_where_it_has_none_of_its_own() -> None:
    name = "model.mask_decoder.smoothing.weight"
    assert rate_of(name, {"decoder": 0.5}) == 0.5
    assert rate_of(name, {"decoder": 0.5, "smoothing": 3}) == 3


def test_muon_moves_matrices_between_layers_and_nothing_else(tmp_path: Path) -> None:
    parts = {"vision": True, "language": "all", "embeddings": True}
    pupil = open_pupil(run_options(tmp_path, parts=parts), PLACES)
    names = {parameter: name for name, parameter in pupil.answering.named_parameters()}
    muons = {
        names[parameter]
        for group in groups(pupil.answering, OptimiserOptions(kind="muon"))
        if group["rotated"]
        for parameter in group["params"]
    }
    assert "model.vision_tower.encoder.layer.0.mlp.fc1.weight" in muons
    assert "model.mask_decoder.adapter.weight" in muons
    assert not any("embed" in name or name.startswith("pixel_head") for name in muons)
    assert "rows" not in muons


def test_muon_moves_a_matrix_equally_far_in_all_directions() -> None:
    torch.manual_seed(0)
    module = nn.ModuleDict({"projector": nn.Linear(6, 6, bias=False)})
    weight = module["projector"].weight
    before = weight.detach().clone()
    options = OptimiserOptions(kind="muon", matrices=20, weight_decay=0)
    optimiser = Optimiser(module, options, rate=0.001)
    optimiser.begin(0.001)
    weight.grad = torch.diag(torch.tensor([3.0, 1.0, 1.0, 1.0, 0.5, 0.3]))
    optimiser.step()
    moved = torch.linalg.svdvals(weight.detach() - before) / 0.02
    assert ((moved > 0.6) & (moved < 1.3)).all()  # its five rounds end near 1, not at it
