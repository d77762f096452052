"""The machines of this household by name, and the packet that wakes them."""

from __future__ import annotations

import errno
import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ares.core import Value
from ares.errors import ModuleError, NotFoundError, UsageError
from ares.runtime import Arguments, Context, Operation, Result, Seen
from ares.runtime.hookspecs import hookimpl

if TYPE_CHECKING:
    from ipaddress import IPv4Network

FILE: Final = "hosts.db"
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS hosts (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    mac TEXT NOT NULL,
    address TEXT
) STRICT
"""
WRITTEN_MAC: Final = re.compile(
    r"[0-9a-f]{2}(?P<sign>[:-])(?:[0-9a-f]{2}(?P=sign)){4}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}|[0-9a-f]{12}"
)
EVERYONE: Final = "255.255.255.255"
PACKET_BYTES: Final = 102
"""Six bytes ff and sixteen times the MAC address."""


@hookimpl
def ares_operations() -> Mapping[str, Operation]:
    """Offer what the manifest lists."""
    return {
        "add": Operation(add, verify=verify_add),
        "list": Operation(list_hosts),
        "withdraw": Operation(remove, keep=keep_withdrawn, verify=verify_remove),
        "remove": Operation(remove, keep=keep_removed, verify=verify_remove),
        "wake": Operation(wake, verify=verify_wake),
    }


@hookimpl
def ares_values(source: str, context: Context) -> Iterable[Value] | None:
    """Offer the names of the hosts."""
    if source != "hosts.names":
        return None
    return [Value(host["name"], _spoken(host["name"]), _label(host)) for host in _hosts(context)]


def add(arguments: Arguments, context: Context) -> Result:
    """Note a machine down. A name that is taken is refused, whatever its case."""
    host = _meant(arguments)
    with _database(context) as database:
        if taken := _find(database, host["name"]):
            raise UsageError(f"{taken['name']} is known already, as {_label(taken)}; remove it first")
        values = (host["name"], host["mac"], host.get("address"))
        database.execute("INSERT INTO hosts (name, mac, address) VALUES (?, ?, ?)", values)
    return host


def list_hosts(arguments: Arguments, context: Context) -> Result:
    """List the machines by name."""
    return {"hosts": _hosts(context)}


def keep_removed(arguments: Arguments, context: Context) -> Result:
    """Keep everything that is known of the machine."""
    with _database(context) as database:
        return _known(database, arguments["name"])


def keep_withdrawn(arguments: Arguments, context: Context) -> Result:
    """Like :func:`keep_removed`. Raises :class:`UsageError` when it is not what was noted down then."""
    with _database(context) as database:
        host = _known(database, arguments["name"])
    if host != {**_meant(arguments), "name": host["name"]}:
        raise UsageError(
            f"{host['name']} is not what was added; it is {_label(host)} now, so it stays known; "
            "`hosts.remove` forgets it as it is now"
        )
    return host


def remove(arguments: Arguments, context: Context) -> Result:
    """Forget a machine; the result says everything that was known."""
    with _database(context) as database:
        host = _known(database, arguments["name"])
        if host != context.kept:
            raise ModuleError(f"{host['name']} was changed by somebody else just now; it stays known")
        database.execute("DELETE FROM hosts WHERE name = ?", (host["name"],))
    return host


def wake(arguments: Arguments, context: Context) -> Result:
    """Send the magic packet for a machine by broadcast."""
    import socket

    import wakeonlan

    with _database(context) as database:
        host = _known(database, arguments["name"])
    broadcast = context.config["broadcast"] or broadcast_for(host, own_networks())
    port = _port(context.config["port"])
    packet = wakeonlan.create_magic_packet(host["mac"])
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sent = sender.sendto(packet, (broadcast, port))
    except OSError as error:
        raise ModuleError(f"nothing was sent to {host['name']}: {_reason(error, broadcast)}") from error
    return {
        "name": host["name"],
        "mac": host["mac"],
        "broadcast": broadcast,
        "port": port,
        "bytes": sent,
    }


def verify_add(arguments: Arguments, result: Result, context: Context) -> Sequence[Seen]:
    """Read the machine back."""
    with _database(context) as database:
        found = _find(database, result["name"])
    return [(f"{result['name']} is known", found == result, _label(found) if found else "not known")]


def verify_remove(arguments: Arguments, result: Result, context: Context) -> Sequence[Seen]:
    """Look that the machine is not known any more."""
    with _database(context) as database:
        found = _find(database, result["name"])
    return [(f"{result['name']} is not known", found is None, _label(found) if found else "not known")]


def verify_wake(arguments: Arguments, result: Result, context: Context) -> Sequence[Seen]:
    """Look that a whole packet went out and that it was for the machine of this name. Nobody answers it."""
    with _database(context) as database:
        found = _find(database, result["name"])
    mac = found["mac"] if found else "not known"
    return [
        (f"the packet has {PACKET_BYTES} bytes", result["bytes"] == PACKET_BYTES, f"{result['bytes']} bytes"),
        (f"it is for the MAC address of {result['name']}", mac == result["mac"], mac),
    ]


def normal_mac(text: str) -> str:
    """Return a MAC address, in one of the usual writings, in lower case with colons.

    Raises :class:`UsageError` for what is none, and for addresses that no single machine has.
    """
    written = text.strip().lower()
    if not WRITTEN_MAC.fullmatch(written):
        raise UsageError(
            f"{text!r} is no MAC address; "
            "write it as 00:11:22:aa:bb:cc, 00-11-22-aa-bb-cc, 0011.22aa.bbcc or 001122aabbcc"
        )
    digits = re.sub(r"[:.-]", "", written)
    if int(digits[:2], 16) & 1 or int(digits, 16) == 0:
        raise UsageError(f"{text!r} is the address of no single machine; look it up on the machine itself")
    return ":".join(digits[place : place + 2] for place in range(0, 12, 2))


def own_networks() -> list[IPv4Network]:
    """Return the IPv4 networks that the interfaces of this machine are in."""
    import socket
    from ipaddress import IPv4Network

    import psutil

    return [
        IPv4Network(f"{own.address}/{own.netmask}", strict=False)
        for interface in psutil.net_if_addrs().values()
        for own in interface
        if own.family == socket.AF_INET and own.netmask
    ]


def broadcast_for(host: Mapping[str, str], networks: Sequence[IPv4Network]) -> str:
    """Return the broadcast address of the narrowest of ``networks`` that a machine's address lies in.

    Without an IPv4 address it is that of the one network this machine is in; when there are several, or none,
    the one that means whichever the system sends it to. Raises :class:`ModuleError` when no interface of this
    machine is in the network of the address: a broadcast would not arrive.
    """
    from ipaddress import IPv4Address

    wide = [network for network in networks if network.prefixlen < 31]
    if ":" in host.get("address", ":"):
        outside = [network for network in wide if not network.is_loopback]
        return str(outside[0].broadcast_address) if len(outside) == 1 else EVERYONE
    address = IPv4Address(host["address"])
    around = [network for network in wide if address in network]
    if not around:
        raise ModuleError(
            f"{host['name']} has the address {address}, and no interface of this machine is in its network; "
            "connect to that network, or name its broadcast: ares modules set hosts broadcast ADDRESS"
        )
    return str(max(around, key=lambda network: network.prefixlen).broadcast_address)


def _meant(arguments: Arguments) -> dict[str, str]:
    """Return the machine that arguments describe. Raises :class:`UsageError`."""
    host = {"name": arguments["name"].strip(), "mac": normal_mac(arguments["mac"])}
    if not host["name"] or not host["name"].isprintable():
        raise UsageError(f"{arguments['name']!r} is no name for a machine")
    if "address" in arguments:
        host["address"] = _normal_address(arguments["address"])
    return host


def _port(number: int) -> int:
    if not 1 <= number <= 65535:
        raise UsageError(
            f"hosts.port is {number}, and a port is 1 to 65535; set another: ares modules set hosts port 9"
        )
    return number


def _reason(error: OSError, broadcast: str) -> str:
    if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN):
        return f"this machine has no route to {broadcast}; is its cable or wireless network connected?"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"this machine does not let you send to {broadcast}; look at its firewall"
    return f"{error.strerror or error} ({broadcast})"


def _normal_address(text: str) -> str:
    from ipaddress import ip_address

    try:
        return str(ip_address(text.strip()))
    except ValueError:
        raise UsageError(f"{text!r} is no IP address; write it as 192.0.2.10") from None


def _spoken(name: str) -> tuple[str, ...]:
    words = " ".join(re.split(r"[-_.\s]+", name)).strip()
    return (words,) if words and words != name else ()


def _label(host: Mapping[str, str]) -> str:
    return " at ".join(host[key] for key in ("mac", "address") if key in host)


def _hosts(context: Context) -> list[dict[str, str]]:
    with _database(context) as database:
        return _all(database)


def _known(database: sqlite3.Connection, name: str) -> dict[str, str]:
    host = _find(database, name.strip())
    if host is None:
        raise NotFoundError(f"no machine is called {name!r}; see hosts.list, or add it with hosts.add")
    return host


def _find(database: sqlite3.Connection, name: str) -> dict[str, str] | None:
    """Return the machine of a name, whatever its case; SQLite itself folds the case of ASCII only."""
    alike = [host for host in _all(database) if _folded(host["name"]) == _folded(name)]
    return next((host for host in alike if host["name"] == name), alike[0] if alike else None)


def _all(database: sqlite3.Connection) -> list[dict[str, str]]:
    rows = database.execute("SELECT name, mac, address FROM hosts")
    hosts = [{key: value for key, value in dict(row).items() if value is not None} for row in rows]
    return sorted(hosts, key=lambda host: _folded(host["name"]))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


@contextmanager
def _database(context: Context) -> Iterator[sqlite3.Connection]:
    """Open the database for one transaction: committed at the end, rolled back when anything is raised."""
    file = context.data / FILE
    try:
        database = sqlite3.connect(file, timeout=10, isolation_level=None)
        try:
            database.row_factory = sqlite3.Row
            database.execute(SCHEMA)
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")
        finally:
            database.close()
    except sqlite3.Error as error:
        raise ModuleError(f"{file}: {error}") from error
