"""Where a request may go: resolve once, check every address, connect to the checked one; in: a URL, out: an address or a refusal.

Default deny: only global unicast. Where a target allows private addresses, still none that belongs to no host (a metadata service,
multicast, 0.0.0.0), and only those of its networks where it names them. Mapped, NAT64, 6to4, Teredo and IPv4-compatible forms are unwrapped
first, since `is_global` alone calls 64:ff9b::a9fe:a9fe (a metadata service behind NAT64) and 2002:7f00:1:: (loopback behind 6to4) global.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from newsgen.target_settings import Private

__all__ = ["Address", "AddressRefused", "Resolve", "check_url", "is_permitted", "is_public", "locate", "resolve"]

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")
_SIX_TO_FOUR = ipaddress.ip_network("2002::/16")
_TEREDO = ipaddress.ip_network("2001::/32")
_COMPATIBLE = ipaddress.ip_network("::/96")
_TRANSLATED = ipaddress.ip_network("::ffff:0:0:0/96")
# Of IPv6 only this is handed out as global unicast; `is_global` calls site-local and unassigned addresses global too.
_UNICAST = ipaddress.ip_network("2000::/3")
_NOT_GLOBAL = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")))
# Services that give a machine's credentials to whoever asks, at addresses that a private network may have: of AWS, Alibaba and Oracle.
_METADATA = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200", "192.0.0.192")))
_PORTS = (80, 443)
_NO_HOST = re.compile(r"[\x00-\x20\x7f\"'<>\\^`{|}]")
_TRIED = 4  # of a host's addresses, until one of them is connected to
# A name that nobody answers for takes half a minute: such threads may be many, and are none that others wait for.
_RESOLVERS = ThreadPoolExecutor(32, thread_name_prefix="resolve")


class AddressRefused(Exception):
    """A URL or the address behind it may not be used; says why."""


@dataclass(frozen=True, slots=True)
class Address:
    """The checked addresses of one URL.

    Attributes:
        urls: With each address in place of the host, in the order in which they are tried.
        host: For TLS, in ASCII.
        netloc: For the Host header.
    """

    urls: tuple[str, ...]
    host: str
    netloc: str

    @property
    def ips(self) -> tuple[str, ...]:
        """The addresses alone."""
        return tuple(urlsplit(url).hostname or "" for url in self.urls)


def is_public(text: str) -> bool:
    """Whether an address is global unicast, also when it is wrapped in another form."""
    address = _unwrapped(ipaddress.ip_address(text.split("%", 1)[0]))
    if address is None or not address.is_global or address.is_multicast:
        return False
    return (address.version == 4 or address in _UNICAST) and not any(address in network for network in _NOT_GLOBAL)


def is_permitted(text: str, private: Private) -> bool:
    """Whether an address may be connected to, where some or all private ones are allowed."""
    if is_public(text):
        return True
    address = _unwrapped(ipaddress.ip_address(text.split("%", 1)[0]))
    if not private or address is None or address in _METADATA:
        return False
    if address.is_multicast or address.is_link_local or address.is_unspecified:
        return False
    if isinstance(address, ipaddress.IPv4Address) and int(address) >> 28 == 15:  # 240.0.0.0/4 and broadcast; "reserved" of IPv6 holds ::1
        return False
    return private if isinstance(private, bool) else any(address in ipaddress.ip_network(network) for network in private)


def _unwrapped(address: IP) -> IP | None:
    """The address that is meant; None for a tunnel that is never right."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64 or (address in _TRANSLATED):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return ipaddress.IPv4Address((int(address) >> 80) & 0xFFFFFFFF)
    if address in _TEREDO or address in _NAT64_LOCAL:
        return None
    if address in _COMPATIBLE and int(address) > 1:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def check_url(url: str, *, allow_private: Private) -> SplitResult:
    """The parts of a URL that may be used at all; raises AddressRefused."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise AddressRefused("it is no URL") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and allow_private):
        raise AddressRefused(f"only https is allowed, not {parts.scheme or 'nothing'} (http needs allow_private)")
    if "@" in parts.netloc or parts.fragment:
        raise AddressRefused("a URL here holds no user, password or fragment")
    if not parts.hostname or _NO_HOST.search(parts.hostname):
        raise AddressRefused("the URL has no host")
    try:
        port = parts.port
    except ValueError:
        raise AddressRefused("the port is no number") from None
    if port not in (None, *_PORTS) and not allow_private:
        raise AddressRefused(f"port {port} is not allowed (80 and 443 are)")
    return parts


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host."""
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(_RESOLVERS, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    return list(dict.fromkeys(str(item[4][0]) for item in found))


async def locate(url: str, *, allow_private: Private, resolver: Resolve = resolve) -> Address:
    """Resolve a URL's host once and return the addresses to connect to.

    Raises:
        AddressRefused: The URL is of a kind that is not allowed, or any of its addresses is not public.
        OSError: The name cannot be resolved.
    """
    parts = check_url(url, allow_private=allow_private)
    host = _ascii((parts.hostname or "").rstrip("."))
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = await resolver(host, port)
    if not found:
        raise AddressRefused(f"{host} has no address")
    refused = [a for a in found if not is_permitted(a, allow_private)]
    if refused:
        raise AddressRefused(f"{host} leads to {refused[0]}, which is not a public address" + _permits(refused[0], allow_private))
    urls = tuple(parts._replace(netloc=f"{_shown(a)}:{port}").geturl() for a in found[:_TRIED])
    return Address(urls, host, _shown(host) + (f":{parts.port}" if parts.port else ""))


def _permits(address: str, private: Private) -> str:
    if private or not is_permitted(address, True):
        return " and may not be used"
    return " (allow_private permits it)"


def _shown(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _ascii(host: str) -> str:
    """A name as it is asked for: one of other letters in its encoded form."""
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise AddressRefused("the host is no name that can be encoded") from None
