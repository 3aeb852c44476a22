"""All of a network namespace that a client could change, to be compared before and after."""

import json

_SETTINGS = "/proc/sys/net/ipv6/conf/*/optimistic_dad /proc/sys/net/ipv6/conf/*/use_optimistic"


def network_state(namespace):
    """Interfaces, addresses, routes, settings."""

    def shown(words):
        return json.loads(namespace.ip(f"-json {words}").stdout or "[]")

    links = {link["ifname"]: sorted(set(link["flags"]) & {"UP", "NOARP", "PROMISC"}) for link in shown("link show")}
    addresses = {link["ifname"]: sorted(a["local"] for a in link["addr_info"]) for link in shown("address show")}
    return links, addresses, shown("-4 route show"), shown("-6 route show"), network_settings(namespace)


def network_settings(namespace):
    return namespace.run(["sh", "-c", f"grep . {_SETTINGS}"]).stdout


def flags_of(namespace, interface):
    return json.loads(namespace.ip(f"-json link show {interface}").stdout)[0]["flags"]
