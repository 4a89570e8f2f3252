"""Tuning of the C library's allocator for checks of many files; programs that embed the library decide themselves."""

LARGE_BYTES = 128 * 1024
M_MMAP_THRESHOLD = -3  # malloc.h of glibc


def give_back_large_blocks() -> None:
    """Make glibc return each large block to the system as soon as it is free.

    By default the first freed frame of a decoder makes glibc keep ever larger blocks in its arenas, which fragment:
    over 5,000 files, memory grew by a fifth from the 2,000th on. Other C libraries are left alone.
    """
    import ctypes

    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # TypeError: Windows has no library of that kind
        return
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
