"""Keeps in shape what turns sentences into calls: counts the words of requests, fits the weights of the
choice, and measures readings of requests with known answers.

``python -m ares.evolve.reading all`` does, in this order, ``words`` (counts the words of the training
phrases), ``habits`` (trains the linear model on them), ``meaning`` (trains the vectors of words, which needs
the ``train`` extra and half an hour), ``extraction`` (trains the network that finds free text, likewise) and
``fit`` (fits the weights of the choice on the requests for development).
"""

from __future__ import annotations

from ares.evolve.reading._habits import PHRASES
from ares.evolve.reading._joined import load_joined
from ares.evolve.reading._measure import Measured, Result, measure, table
from ares.evolve.reading._requests import Machine, Request, load_requests, load_world

__all__ = [
    "PHRASES",
    "Machine",
    "Measured",
    "Request",
    "Result",
    "load_joined",
    "load_requests",
    "load_world",
    "measure",
    "table",
]
