"""Any GGUF model in this process, through llama.cpp."""

from ares.inference.engine._engine import BATCH, Engine, Generation
from ares.inference.engine._header import TENSOR_TYPES, Array, Header, TensorType, read_header

__all__ = ["BATCH", "TENSOR_TYPES", "Array", "Engine", "Generation", "Header", "TensorType", "read_header"]
