"""URLs among references, which a sandbox does not read."""

from collections.abc import Iterable

from prep.errors import UsageError
from prep.net.bucket_settings import is_local


def refuse_urls(urls: Iterable[str]) -> None:
    """Raise UsageError for each URL: the sandbox lets nothing out of the machine, so it can't read any.

    Object storage on this machine, as the environment may name it, can be read.
    """
    far = [url for url in urls if not is_local(url)]
    if problems := [f"{url}: --sandbox can't read URLs; download the file and name that" for url in far]:
        raise UsageError("\n".join(problems))
