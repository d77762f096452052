"""The models that can be chosen, by name or by file."""

from ares.inference.models._catalogue import BUILT_IN, Catalogue, Chosen, Entry, built_in_model

__all__ = ["BUILT_IN", "Catalogue", "Chosen", "Entry", "built_in_model"]
