"""The C library's allocator while the command looks at many files; a program that embeds the library decides itself."""

LARGE_BYTES = 128 * 1024
M_MMAP_THRESHOLD = -3  # malloc.h of glibc


def give_back_large_blocks() -> None:
    """Have glibc map each large block by itself, so that it is given back to the system as soon as it is free.

    By default glibc takes the first free of a decoder's frames as a reason to keep ever larger blocks in its arenas,
    which fall to pieces: measured over 5,000 files, memory grew by a fifth from the 2,000th on (docs/performance.md).
    Another C library is left as it is.
    """
    import ctypes

    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # TypeError: Windows has no library of that kind
        return
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
