"""Cache of libvips: it keeps its last hundred operations, each with megabytes of rows that it has decoded."""

import threading

_emptying = threading.Lock()


def empty_vips_cache() -> None:
    """Make libvips forget what it has decoded: no picture is read twice, and a process would grow with each."""
    import pyvips

    with _emptying:
        most = pyvips.cache_get_max()  # the setting may be of the program that embeds this library
        pyvips.cache_set_max(0)
        pyvips.cache_set_max(most)
