"""What is installed: modules and their versions, capabilities, settings, models. Served from ares.db alone:
nothing here reads a manifest or imports a module."""

from ares.registry._registry import Registry
from ares.registry._rows import Model, ModuleRow, Totals

__all__ = ["Model", "ModuleRow", "Registry", "Totals"]
