"""Free loopback ports, below the range from which the system gives ports to outgoing connections."""
import random
import socket

from .errors import ServerError

LOWEST, HIGHEST = 12000, 31000


def is_free(port):
    for host in ("127.0.0.1", "0.0.0.0"):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True


def pick(offsets, taken):
    """Returns a port p for which every p + offset is free and not in `taken`, and adds those to `taken`."""
    for _ in range(1000):
        port = random.randint(LOWEST, HIGHEST)
        wanted = {port + offset for offset in offsets}
        if not wanted & taken and all(is_free(p) for p in wanted):
            taken |= wanted
            return port
    raise ServerError(f"found no free ports between {LOWEST} and {HIGHEST}")
