"""The data sets of a run."""

from geoseg.checkpoint import published_facts
from geoseg.errors import OptionsError
from geoseg.evaluation.halves import check_enough
from geoseg.models.mllmseg.checkpoint import load_config
from geoseg.segmenter import checkpoint_folder
from geoseg.training.batches import Examples
from geoseg.training.data.fingerprint import fingerprint_of
from geoseg.training.data.own_layer import own_layer_source
from geoseg.training.data.own_options import OwnLayerOptions
from geoseg.training.data.samples import Source
from geoseg.training.data.sources import check_cut, open_source
from geoseg.training.data_options import NamedData, RenderedData
from geoseg.training.options import TrainOptions
from geoseg.training.rendered import RenderedExamples
from geoseg.training.sampled import SampledExamples


def open_training(options: TrainOptions) -> list[Source]:
    """What is trained on; nothing where it is rendered."""
    data = options.data
    if isinstance(data, OwnLayerOptions):
        return [own_layer_source(data, "train")]
    return [open_source(name) for name in data.train] if isinstance(data, NamedData) else []


def open_validation(options: TrainOptions) -> Source | None:
    """What is measured on, if anything."""
    told = options.validation
    if isinstance(told, OwnLayerOptions):
        return own_layer_source(told, "val")
    return None if told is None else open_source(told)


def files_of(options: TrainOptions) -> dict[str, str]:
    """The marks of the user's own images and layer; none of data that comes by its name."""
    return fingerprint_of(options.data) if isinstance(options.data, OwnLayerOptions) else {}


def open_examples(options: TrainOptions, *, chip: int, stage: int) -> Examples:
    """The endless row of examples of a stage."""
    if isinstance(options.data, RenderedData):
        return RenderedExamples(options.data, options.ask, chip=chip, seed=(options.seed, stage))
    sources = open_training(options)
    return SampledExamples(sources, options.ask, chip=chip, seed=options.seed)


def check_calibration(options: TrainOptions) -> None:
    """Refuse a rate to calibrate for that the validation data has too few images for."""
    rate = options.calibrate
    if rate is None or (source := open_validation(options)) is None:
        return
    try:
        check_enough(source, false_accept=rate, seed=options.seed)
    except OptionsError as error:
        raise OptionsError(
            f"'calibrate: {rate:g}' is too low for the validation data, {source.name}: {error}, or "
            "leave 'calibrate' out"
        ) from None


def known_chip(options: TrainOptions) -> int | None:
    """The chip size of the model that is started from, told without loading it; None: unknown."""
    if options.model.new is not None:
        return options.model.new.chip
    name = str(options.model.name)
    if (folder := checkpoint_folder(name)) is not None:
        return load_config(folder).chip_size
    facts = published_facts(name)
    return facts.chip_size if facts else None


def check_chip(options: TrainOptions, chip: int) -> None:
    """Refuse chips of another size than the model's: it would see another resolution in use."""
    named = [*options.data.train] if isinstance(options.data, NamedData) else []
    if isinstance(options.validation, str):
        named.append(options.validation)
    for name in named:
        check_cut(name, chip)
    if isinstance(options.data, OwnLayerOptions) and options.data.chip != chip:
        raise OptionsError(
            f"the data is cut into chips of {options.data.chip} pixels, but the model sees {chip}; "
            f"write 'chip: {chip}' under 'data:'"
        )
