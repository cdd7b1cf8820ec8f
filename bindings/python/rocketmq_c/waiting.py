"""Waits for descriptors of the library: in Python, where a signal's handler runs, and in asyncio."""
import asyncio
import select
from collections.abc import Sequence


def wait_readable(descriptors: Sequence[int], seconds: float | None) -> None:
    """Waits until one of the descriptors is readable, at most `seconds` (None: no limit)."""
    watched = select.poll()
    for descriptor in descriptors:
        watched.register(descriptor, select.POLLIN)
    watched.poll(None if seconds is None else max(0.0, seconds) * 1000)


async def wait_readable_async(descriptors: Sequence[int]) -> None:
    """Waits in the running loop until one of the descriptors is readable. One task at a time for each of them."""
    loop = asyncio.get_running_loop()
    readable = loop.create_future()
    for descriptor in descriptors:
        loop.add_reader(descriptor, lambda: readable.done() or readable.set_result(None))
    try:
        await readable
    finally:
        for descriptor in descriptors:
            loop.remove_reader(descriptor)
