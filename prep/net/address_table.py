"""Table of the addresses that are not public, where `judged_connection.py` refuses to connect.

A reference may come from anybody; it must not lead into our network.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

# The special-purpose registries of IANA (IPv4 and IPv6), and one address that a cloud uses for itself.
IPV4 = {
    ip_network(network): kind
    for network, kind in (
        ("0.0.0.0/8", "this host"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared (carrier-grade NAT)"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "cloud-internal"),  # Azure: public by number, answered by the machine's own host
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "reserved"),
        ("192.88.99.0/24", "reserved"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "reserved"),
        ("198.51.100.0/24", "reserved"),
        ("203.0.113.0/24", "reserved"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
}
IPV6 = {
    ip_network(network): kind
    for network, kind in (
        ("::/128", "this host"),
        ("::1/128", "loopback"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("ff00::/8", "multicast"),
        ("2001::/23", "reserved"),  # among them Teredo, which leads to an IPv4 address inside it
        ("2001:db8::/32", "reserved"),
        ("2002::/16", "reserved"),  # 6to4, which does so as well
        ("3fff::/20", "reserved"),
    )
}
GLOBAL_UNICAST = ip_network("2000::/3")
# Other ways to write an IPv4 address: mapped, and by NAT64 for hosts without one.
CARRIES_IPV4 = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))


def not_public(address: str) -> str | None:
    """The kind of an address that is not public ("private", "loopback", ...); None for a public one.

    Raises ValueError when *address* is not an IP address.
    """
    parsed = ip_address(address)
    if isinstance(parsed, IPv4Address):
        return next((kind for network, kind in IPV4.items() if parsed in network), None)
    if any(parsed in network for network in CARRIES_IPV4):
        return not_public(str(IPv4Address(int(parsed) & 0xFFFF_FFFF)))
    return _ipv6(parsed)


def _ipv6(address: IPv6Address) -> str | None:
    kind = next((kind for network, kind in IPV6.items() if address in network), None)
    return kind or (None if address in GLOBAL_UNICAST else "reserved")
