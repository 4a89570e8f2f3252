"""The review page: how soon a change is answered with 12 references, the film strip of a two-hour clip, and memory.

python -m benchmarks.review [ROUNDS]
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx
from imageio_ffmpeg import get_ffmpeg_exe

from benchmarks.measure import resident_bytes
from fixtures.make import make
from prep.specs import DEFAULT_ENDPOINT, load_spec
from submit.review.draft import Draft
from submit.review.server import serving
from submit.review.session import open_session
from submit.review.work import Places

REFERENCES = ["clip_1080p_20s.mp4", "portrait_rot90.mov", "clip_720p.mp4", "song_20s.mp3", "photo.heic"]
IMAGES = 7  # the same photograph, under other names
TARGET_MS, STRIP_TARGET_S = 150.0, 2.0
LONG_S = 7200
FRAMES = 300  # so many the kept part moves by
SETTLED_PLANS, PLANS, GROWTH_TARGET = 50, 1000, 1.1


def main(rounds: int) -> None:
    """Print the median of each measurement, and its target."""
    with TemporaryDirectory(prefix="review-") as name:
        folder = Path(name)
        files = [make(one, folder) for one in REFERENCES]
        files += [_copy(files[-1], folder / f"photo{number}.heic") for number in range(IMAGES)]
        _measure("a change with 12 references", files, folder, lambda page: page.change(rounds))
        _measure("memory of its server", files, folder, lambda page: page.memory())
        long = _two_hours(files[0], folder / "long.mp4")
        _measure("the first strip of two hours", [long], folder, lambda page: page.strip())


class _Page:
    def __init__(self, browser: httpx.Client, origin: str) -> None:
        self._browser, self._origin = browser, origin

    def settled(self) -> dict[str, object]:
        while True:
            state: dict[str, object] = self._browser.get("api/state").json()
            if state["settled"]:
                return state
            time.sleep(0.1)

    def card(self) -> str:
        while True:
            card = self._browser.get("api/state").json()["cards"][0]
            if card["kind"]:
                return str(card["id"])
            time.sleep(0.01)

    def change(self, rounds: int) -> str:
        """Move the kept part by a frame, again and again, as a drag does."""
        self.settled()
        card, times = self.card(), list[float]()
        for number in (count % FRAMES for count in range(rounds)):
            body = {"start": f"{1 + number / 30:.4f}", "end": f"{6 + number / 30:.4f}"}
            started = time.perf_counter()
            self._browser.patch(
                f"api/references/{card}", json=body, headers={"Origin": self._origin}
            ).raise_for_status()
            times.append(time.perf_counter() - started)
        return f"{median(times) * 1000:.0f} ms, at most {max(times) * 1000:.0f} ms (target: {TARGET_MS:g} ms)"

    def memory(self) -> str:
        """Plan again and again, as `change` does; the server is this process."""
        self.change(SETTLED_PLANS)
        before = resident_bytes()
        self.change(PLANS - SETTLED_PLANS)
        growth = resident_bytes() / before
        target = f"(target: {GROWTH_TARGET:g})"
        return f"{before / 1e6:.0f} MB after {SETTLED_PLANS} plans, × {growth:.2f} after {PLANS:,} {target}"

    def strip(self) -> str:
        """From the start of the page to the strip around the kept part."""
        started = time.perf_counter()
        card = self.card()
        answer = self._browser.get(f"media/{card}/strip?start=0&end=45&count=12&width=150").raise_for_status()
        taken_s = time.perf_counter() - started
        started = time.perf_counter()
        self._browser.get(f"media/{card}/strip?count=12&width=150").raise_for_status()
        whole_s = time.perf_counter() - started
        assert len(answer.content) > 1000
        return f"{taken_s:.2f} s with reading the file, {whole_s:.2f} s over all of it (target: {STRIP_TARGET_S:g} s)"


def _measure(name: str, files: list[Path], folder: Path, measure: Callable[[_Page], str]) -> None:
    places = Places(folder / "out", folder / "state", load_spec(DEFAULT_ENDPOINT), None)
    references = [str(file) for file in files]
    with (
        open_session(references, Draft(), places, sandbox=True, root=folder / "root") as session,
        serving(session) as gate,
        httpx.Client(follow_redirects=True, trust_env=False, timeout=120) as browser,
    ):
        browser.base_url = browser.get(gate.link).url
        print(f"{name:<32} {measure(_Page(browser, gate.origin))}", flush=True)


def _copy(source: Path, target: Path) -> Path:
    target.write_bytes(source.read_bytes())
    return target


def _two_hours(clip: Path, target: Path) -> Path:
    command = [get_ffmpeg_exe(), "-v", "error", "-stream_loop", "-1", "-i", str(clip), "-t", str(LONG_S), "-c", "copy"]
    subprocess.run([*command, str(target)], check=True)
    return target


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
