"""MLLMSeg: a multimodal language model that draws masks with a light decoder (arXiv 2508.04107)."""

# mypy: disable-error-code="no-untyped-call"
# transformers is typed only in parts

from transformers import AutoConfig, AutoModel, AutoProcessor

from geoseg.models.mllmseg.configuration import MLLMSegConfig as MLLMSegConfig
from geoseg.models.mllmseg.encoded import EncodedChips as EncodedChips
from geoseg.models.mllmseg.modeling import MLLMSegModel as MLLMSegModel
from geoseg.models.mllmseg.modeling import MLLMSegOutput as MLLMSegOutput
from geoseg.models.mllmseg.processing import MLLMSegProcessor as MLLMSegProcessor
from geoseg.models.mllmseg.prompt import PackedPrompt as PackedPrompt

AutoConfig.register(MLLMSegConfig.model_type, MLLMSegConfig, exist_ok=True)
AutoModel.register(MLLMSegConfig, MLLMSegModel, exist_ok=True)
AutoProcessor.register(MLLMSegConfig, MLLMSegProcessor, exist_ok=True)
