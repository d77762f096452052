"""Modules as texts: a small one of ours, and one in the form of the founding document."""

from __future__ import annotations

ECHO = """\
name: echo
version: "1.0"
entry_point: module.py
isolation: in-process
capabilities:
  - name: say
    description: say something back
    effect: read
    input:
      type: object
      properties:
        text: {type: string, minLength: 1}
        times: {type: integer, minimum: 1, maximum: 9, default: 1}
      required: [text]
    output:
      type: object
      required: [said]
      properties: {said: {type: string}}
    summary: "said {said}"
    examples:
      - say {text}
      - repeat {text} {times} times
"""

ECHO_CODE = """\
from ares.runtime.hookspecs import hookimpl


def say(arguments, context):
    return {"said": arguments["text"] * arguments.get("times", 1)}


@hookimpl
def ares_operations():
    return {"say": say}
"""

# The form of the founding document, with an invented service: no effects, types as words, the list of APIs.
FOUNDING = """\
name: pigeon-bridge
display_name: Pigeon Bridge
version: 2.0.0
type: integration
author: ARES
license: MIT
description: Sends messages by carrier pigeon.

entry_point: bridge.py
main_function: create_bridge

auto_start: true
enabled: true

capabilities:
  - name: send_message
    description: Send a message to a phone number
    input: {phone: string, message: string}
    output: {success: boolean, message_id: string}
  - name: receive_message
    description: Receive incoming messages
    input: {}
    output: {messages: array}

dependencies:
  python:
    - "pluggy>=1.0"
  system: []
  modules: []
  apis:
    - name: Pigeon API
      endpoint: https://pigeons.example/v1
      auth: bearer_token

configuration:
  port: 5000
  loft: tower
"""

FOUNDING_CODE = """\
from .birds import number_of


class Bridge:
    def __init__(self, config):
        self.loft = config["loft"]
        self.sent = []

    def send_message(self, phone, message):
        print("sending to", phone)
        self.sent.append(message)
        return {"success": True, "message_id": f"{self.loft}-{number_of(self.sent)}"}

    def receive_message(self):
        return {"messages": self.sent}


def create_bridge(config):
    return Bridge(config)
"""

FOUNDING_HELPER = """\
def number_of(birds):
    return len(birds)
"""
