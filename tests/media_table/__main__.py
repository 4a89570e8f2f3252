"""Write docs/media.md."""

from tests.media_table.page import PAGE, page

PAGE.write_text(page(), "utf-8")
