"""A reference that was opened and probed."""

from prep.model.analysis import Look, Scan
from prep.model.media import AudioInfo, ImageInfo, MediaInfo, VideoInfo
from prep.model.reference import Reference
from prep.model.value import Value


class Source(Value):
    """One reference with everything learned about it, kept to the end of the call.

    *demuxer* is libavformat's name for the format, None for a picture. *scan* and *look* hold what decoding showed,
    where a plan depends on it. *fingerprint* is a hash of samples of the content. *url* is where anybody can read the
    reference; None: nowhere. *stamp* tells a local file from a later version of it (size, times, inode).
    """

    tag: str
    reference: Reference
    info: MediaInfo
    demuxer: str | None = None
    scan: Scan = Scan()
    look: Look = Look()
    fingerprint: str = ""
    url: str | None = None
    stamp: tuple[int, ...] = ()

    @property
    def label(self) -> str:
        return self.reference.label

    @property
    def image(self) -> ImageInfo:
        """The facts of an image; an assertion fails for anything else."""
        assert isinstance(self.info, ImageInfo)
        return self.info

    @property
    def video(self) -> VideoInfo:
        """The facts of a video; an assertion fails for anything else."""
        assert isinstance(self.info, VideoInfo)
        return self.info

    @property
    def sound(self) -> AudioInfo:
        """The facts of a sound; an assertion fails for anything else."""
        assert isinstance(self.info, AudioInfo)
        return self.info
