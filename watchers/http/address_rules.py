"""Defines which addresses may be fetched: public http and https addresses only.

`check_url` refuses addresses by their text alone. `guarded_socket` returns the socket factory of the connector, which runs for every
connection, after DNS and on every redirect hop, with the IP address of the connection. A name that resolves differently the second time
(DNS rebinding) and decimal, octal or hex spellings therefore cannot bypass the rules. This module resolves no names.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from watchers.models.problem import Problem
from watchers.text.html_text import sound

MAX_URL = 4_096
"""Characters; longer addresses are refused. Most servers refuse more than 8,192."""

_NUMERIC_HOST = re.compile(r"^(?:0[xX][0-9a-fA-F]*|\d+)(?:\.(?:0[xX][0-9a-fA-F]*|\d+)){0,3}\.?$")
_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")

# `is_global` (RFC 6890 and its successors) covers most blocks. The blocks below pass it, or contain an IPv4 address.
_LOW_32 = tuple(ipaddress.ip_network(block) for block in ("64:ff9b::/96", "::ffff:0:0:0/96"))
"""NAT64 (RFC 6052) and translated addresses (RFC 2765): the last 32 bits are the IPv4 address."""
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})
"""Bits 32 to 63 of an ISATAP address (RFC 5214), under any prefix; the last 32 bits are the IPv4 address."""
_REFUSED_4 = tuple(
    ipaddress.ip_network(block)
    for block in (
        "0.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15",
        "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
_REFUSED_6 = tuple(
    ipaddress.ip_network(block)
    for block in (
        "::/128", "::1/128", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7",
        "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
_INTERNAL_NAMES = ("localhost", ".localhost", ".localdomain", ".local", ".internal", ".intranet", ".home.arpa", ".lan", ".onion")


class AddressRefusedError(OSError):
    """The address must not be fetched. An OSError, because connectors report those as failed connections."""

    def __init__(self, code: str, **args: str | int) -> None:
        # A string can be a host name from a redirect.
        safe_args = {name: sound(value, 300) if isinstance(value, str) else value for name, value in args.items()}
        self.problem = Problem(f"address.{code}", dict(safe_args))
        super().__init__(sound(str(self.problem), 300))


def check_url(url: str, *, allow_private: bool = False) -> None:
    """Raises AddressRefusedError, with the reason, if the text of `url` breaks a rule.

    Refused are schemes other than http and https, user names in the address, control characters and backslashes, spellings of IPv4
    addresses other than four decimal numbers, and hosts that cannot be public.
    """
    if len(url) > MAX_URL:
        raise AddressRefusedError("too_long", count=MAX_URL)
    if _CONTROL.search(url):
        raise AddressRefusedError("control")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise AddressRefusedError("malformed", words=str(error)) from None
    if parts.scheme.lower() not in {"http", "https"}:
        raise AddressRefusedError("scheme", words=repr(parts.scheme or "an address without a scheme"))
    if "@" in parts.netloc:
        raise AddressRefusedError("user")
    if not host:
        raise AddressRefusedError("no_host")
    if not allow_private:
        _refuse_host(host)


def _refuse_host(host: str) -> None:
    # Name resolution converts full-width letters, circled digits and the ideographic full stop to plain characters.
    name = unicodedata.normalize("NFKC", host).replace("\u3002", ".").rstrip(".").lower()
    if name == "localhost" or name.endswith(_INTERNAL_NAMES):
        raise AddressRefusedError("host", host=host)
    if ":" in host:
        refuse_private(host)
    elif "%" in name:
        raise AddressRefusedError("host_name", host=host)
    elif _NUMERIC_HOST.match(name):
        try:
            ipaddress.IPv4Address(name)
        except ValueError:
            raise AddressRefusedError("numeric", host=host) from None
        refuse_private(name)
    elif "." not in name:
        raise AddressRefusedError("local_name", host=host)


def refuse_private(address: str) -> None:
    """Raises AddressRefusedError unless the IP `address` is public. An IPv4 address inside an IPv6 address is checked by itself."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if not is_public(ip):
        raise AddressRefusedError("private", host=address)


def is_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Returns True if `ip`, and every IPv4 address embedded in it, is a public unicast address."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast and not any(ip in block for block in _REFUSED_4)
    if any(ip in block for block in _REFUSED_6):
        return False
    embedded = _embedded_addresses(ip)
    if embedded:
        return all(is_public(address) for address in embedded)
    return ip.is_global and not ip.is_multicast


def _embedded_addresses(ip: ipaddress.IPv6Address) -> tuple[ipaddress.IPv4Address, ...]:
    if ip.ipv4_mapped:
        return (ip.ipv4_mapped,)
    if ip.sixtofour:
        return (ip.sixtofour,)
    if ip.teredo:
        return ip.teredo
    number = int(ip)
    in_low_32_bits = any(ip in block for block in _LOW_32) or (number >> 32) & 0xFFFFFFFF in _ISATAP
    if in_low_32_bits or number < 1 << 32:  # ::a.b.c.d: withdrawn, but still parsed
        return (ipaddress.IPv4Address(number & 0xFFFFFFFF),)
    return ()


def guarded_socket(*, allow_private: bool) -> Callable[[tuple[Any, ...]], socket.socket]:
    """Returns the socket factory for aiohttp's TCPConnector. It refuses a private address before the socket is created."""

    def open_socket(addr_info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, address = addr_info
        if not allow_private:
            refuse_private(address[0])
        return socket.socket(family=family, type=kind, proto=protocol)

    return open_socket
