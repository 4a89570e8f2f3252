"""Ports for servers that are told which to use."""

import socket
from contextlib import suppress
from random import SystemRandom

PORTS = range(20_000, 32_768)


def free_ports(count: int) -> list[int]:
    """Ports that nobody has now, and that no connection gets before the server binds them, or while it is restarted:
    the system numbers those from 32,768 on.
    """
    ports: list[int] = []
    for port in SystemRandom().sample(PORTS, len(PORTS)):
        with socket.socket() as one, suppress(OSError):  # somebody has it
            one.bind(("127.0.0.1", port))
            ports.append(port)
        if len(ports) == count:
            break
    return ports
