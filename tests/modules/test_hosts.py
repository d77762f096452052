"""Hosts: names, addresses, and the exact bytes that wake a machine."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import pytest
from tests.modules.desk import Desk

from ares.errors import ModuleError, NotFoundError, UsageError

MAC = "00:11:22:aa:bb:cc"


@pytest.fixture
def listener(desk: Desk) -> Iterator[socket.socket]:
    """A UDP socket on the loopback interface to which the module is told to send."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        desk.modules.configure("hosts", "broadcast", "127.0.0.1")
        desk.modules.configure("hosts", "port", server.getsockname()[1])
        yield server


def test_waking_sends_exactly_the_102_bytes(desk: Desk, listener: socket.socket) -> None:
    desk.do("hosts.add", name="nas", mac=MAC)
    done = desk.do("hosts.wake", name="nas")
    assert listener.recv(4096) == b"\xff" * 6 + bytes.fromhex("001122aabbcc") * 16
    listener.setblocking(False)
    with pytest.raises(BlockingIOError):
        listener.recv(4096)
    assert done.holds
    assert done.result == {
        "name": "nas",
        "mac": MAC,
        "broadcast": "127.0.0.1",
        "port": listener.getsockname()[1],
        "bytes": 102,
    }


def test_the_bytes_that_are_told_are_those_the_system_took(
    desk: Desk, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Short(socket.socket):
        def sendto(self, data: bytes, address: Any) -> int:  # type: ignore[override]
            return super().sendto(data[:51], address)

    desk.do("hosts.add", name="nas", mac=MAC)
    monkeypatch.setattr(socket, "socket", Short)
    done = desk.do("hosts.wake", name="nas")
    assert len(listener.recv(4096)) == 51
    assert done.result["bytes"] == 51
    assert [check.holds for check in done.checks] == [False, True]


def test_a_packet_for_another_machine_than_is_known_does_not_hold(
    desk: Desk, listener: socket.socket
) -> None:
    desk.do("hosts.add", name="nas", mac=MAC)

    def swap() -> None:
        with sqlite3.connect(desk.paths.data / "hosts" / "hosts.db") as database:
            database.execute("UPDATE hosts SET mac = '02:00:00:00:00:01'")
        database.close()

    desk.between = swap
    assert not desk.do("hosts.wake", name="nas").holds


@pytest.mark.parametrize("port", [0, 65536, -9])
def test_a_port_that_is_none_is_refused_with_what_to_set(desk: Desk, port: int) -> None:
    desk.modules.configure("hosts", "broadcast", "127.0.0.1")
    desk.modules.configure("hosts", "port", port)
    desk.do("hosts.add", name="nas", mac=MAC)
    with pytest.raises(UsageError, match=rf"hosts\.port is {port}, and a port is 1 to 65535; set another: "):
        desk.do("hosts.wake", name="nas")


def test_waking_an_unknown_machine_sends_nothing(desk: Desk, listener: socket.socket) -> None:
    with pytest.raises(NotFoundError, match="no machine is called 'htpc'"):
        desk.do("hosts.wake", name="htpc")
    listener.setblocking(False)
    with pytest.raises(BlockingIOError):
        listener.recv(4096)


@pytest.mark.parametrize("host", [{}, {"address": "2001:db8::7"}])
def test_without_an_address_it_is_that_of_the_only_network_there_is(desk: Desk, host: dict[str, str]) -> None:
    desk.do("hosts.list")
    own = [IPv4Network(text) for text in ("127.0.0.0/8", "192.0.2.0/24", "203.0.113.9/32")]
    assert desk.code("hosts").broadcast_for(host, own) == "192.0.2.255"
    assert desk.code("hosts").broadcast_for(host, own[:1]) == "255.255.255.255"


@pytest.mark.parametrize(
    ("address", "broadcast"),
    [
        ("192.0.2.7", "192.0.2.255"),
        ("198.51.100.20", "198.51.100.31"),
        ("198.51.100.40", "198.51.100.255"),
        ("203.0.113.9", "203.0.113.127"),
        ("", "255.255.255.255"),
        ("2001:db8::7", "255.255.255.255"),
    ],
)
def test_the_broadcast_is_that_of_the_narrowest_network_around_the_address(
    desk: Desk, address: str, broadcast: str
) -> None:
    desk.do("hosts.list")
    around = [
        IPv4Network(text)
        for text in (
            "192.0.2.0/24", "198.51.100.0/24", "198.51.100.16/28", "203.0.113.0/25", "203.0.113.9/32",
        )
    ]  # fmt: skip
    host = {"name": "x", "address": address} if address else {"name": "x"}
    assert desk.code("hosts").broadcast_for(host, around) == broadcast


def test_the_networks_are_those_of_the_interfaces(desk: Desk) -> None:
    desk.do("hosts.list")
    own = desk.code("hosts").own_networks()
    assert IPv4Network("127.0.0.0/8") in own


def test_an_address_in_no_network_of_this_machine_is_refused_in_plain_words(desk: Desk) -> None:
    desk.do("hosts.list")
    own = desk.code("hosts").own_networks()
    documentation = ("192.0.2.7", "198.51.100.7", "203.0.113.7")
    far = next(text for text in documentation if not any(IPv4Address(text) in each for each in own))
    desk.do("hosts.add", name="far", mac=MAC, address=far)
    with pytest.raises(ModuleError, match=f"far has the address {far}, and no interface of this machine"):
        desk.do("hosts.wake", name="far")


def test_a_machine_without_any_network_says_so_in_plain_words(desk: Desk) -> None:
    unshare = shutil.which("unshare")
    alone = [unshare or "", "--map-root-user", "--net", sys.executable, "-c"]
    if not unshare or subprocess.run([*alone, "pass"], capture_output=True).returncode:
        pytest.skip("this machine gives no network namespaces")
    desk.do("hosts.add", name="nas", mac=MAC)
    # In a namespace of its own the interpreter has no interface that is up.
    program = """
from ares.errors import ModuleError
from ares.paths import Paths
from ares.store import Store
from tests.modules.desk import open_desk
paths = Paths.find()
with Store.open(paths) as store:
    try:
        open_desk(store, paths).do("hosts.wake", name="nas")
    except ModuleError as error:
        print(error)
"""
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(
        [*alone, program], env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, text=True
    )
    assert done.stdout == (
        "hosts.wake: nothing was sent to nas: this machine has no route to 255.255.255.255; "
        "is its cable or wireless network connected?\n"
    ), done.stderr


@pytest.mark.parametrize(
    "text", ["00-11-22-AA-BB-CC", "0011.22aa.bbcc", "001122aabbcc", " 00:11:22:aa:bb:cc "]
)
def test_a_mac_address_is_kept_in_one_spelling(desk: Desk, text: str) -> None:
    assert desk.do("hosts.add", name="nas", mac=text).result["mac"] == MAC


@pytest.mark.parametrize(
    "text",
    [
        "0011.22aa.bb-cc", "0:01122aabbcc", "00:11:22:aa:bb-cc", "00.11.22.aa.bb.cc", "0011:22aa:bbcc",
        "00 11 22 aa bb cc", "0:11:22:aa:bb:cc", "00:11:22:aa:bb:cc:", "0011\u066022aabbc",
    ],
)  # fmt: skip
def test_a_mac_address_that_is_grouped_oddly_is_refused_with_how_to_write_it(desk: Desk, text: str) -> None:
    with pytest.raises(UsageError) as raised:
        desk.do("hosts.add", name="nas", mac=text)
    assert f"{text!r} is no MAC address; write it as 00:11:22:aa:bb:cc, " in str(raised.value)
    assert desk.do("hosts.list").result["hosts"] == []


@pytest.mark.parametrize(
    "text", ["00:11:22:aa:bb", "00:11:22:aa:bb:cg", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "x"]
)
def test_what_is_no_machines_mac_address_is_refused(desk: Desk, text: str) -> None:
    with pytest.raises(UsageError, match="address"):
        desk.do("hosts.add", name="nas", mac=text)
    assert desk.do("hosts.list").result["hosts"] == []


def test_a_name_is_taken_whatever_its_case(desk: Desk) -> None:
    desk.do("hosts.add", name="NAS", mac=MAC)
    with pytest.raises(UsageError, match="NAS is known already"):
        desk.do("hosts.add", name="nas", mac="02:00:00:00:00:01")
    assert desk.do("hosts.remove", name="nas").result == {"name": "NAS", "mac": MAC}


@pytest.mark.parametrize(
    ("one", "other"), [("Café", "CAFÉ"), ("Straße", "STRASSE"), ("Caf\u00e9", "cafe\u0301")]
)
def test_a_name_is_taken_whatever_its_case_in_any_alphabet(desk: Desk, one: str, other: str) -> None:
    desk.do("hosts.add", name=one, mac=MAC)
    with pytest.raises(UsageError, match=f"{one} is known already"):
        desk.do("hosts.add", name=other, mac="02:00:00:00:00:01")
    assert desk.do("hosts.remove", name=other).result == {"name": one, "mac": MAC}


@pytest.mark.parametrize("later", [{"mac": "02:00:00:00:00:01"}, {"mac": MAC, "address": "192.0.2.7"}])
def test_the_undo_of_adding_leaves_a_later_machine_of_that_name(desk: Desk, later: dict[str, str]) -> None:
    added = desk.do("hosts.add", name="nas", mac="00-11-22-AA-BB-CC")
    desk.do("hosts.remove", name="nas")
    desk.do("hosts.add", name="nas", **later)
    with pytest.raises(UsageError, match=r"nas is not what was added; it is .* now, so it stays known"):
        desk.undo(added)
    assert desk.do("hosts.list").result["hosts"] == [{"name": "nas", **later}]


def test_an_address_that_is_none_is_refused(desk: Desk) -> None:
    with pytest.raises(UsageError, match="no IP address"):
        desk.do("hosts.add", name="nas", mac=MAC, address="192.0.2.700")


def test_names_are_offered_as_people_say_them(desk: Desk) -> None:
    desk.do("hosts.add", name="media-server", mac=MAC, address="192.0.2.7")
    (value,) = desk.runtime.values("hosts.names")
    assert (value.value, value.aliases, value.label) == (
        "media-server",
        ("media server",),
        f"{MAC} at 192.0.2.7",
    )
