"""Images in, and what comes out."""

from tests.media_table.row import Row

IMAGES: tuple[Row, ...] = (
    Row("photo.jpg", "JPEG", "JPEG 1800×1200"),
    Row("photo.jpg#xywh=percent:0,0,50,100", "JPEG", "JPEG 900×1200", ("crop", "encode-image")),
    Row(
        "photo_orient6.jpg", "JPEG with EXIF orientation 6 (2 to 8 alike)", "JPEG 1800×1200", ("orient", "encode-image")
    ),
    Row("photo_gps.jpg", "JPEG with a position, a serial number and an owner", "JPEG 1800×1200"),
    Row(
        "photo_gps.jpg",
        "JPEG with a position, a serial number and an owner",
        "JPEG 1800×1200",
        ("strip-metadata",),
        options={"strip_metadata": True},
    ),
    Row("photo_display_p3.jpg", "JPEG in Display P3", "JPEG 1800×1200"),
    Row("cmyk.jpg", "JPEG in CMYK", "JPEG 1200×800"),
    Row("huge_7000.jpg", "JPEG 7000×5000: sides too long", "JPEG 5999×4285", ("scale", "encode-image")),
    Row("at_limit_6000.jpg", "JPEG 6000×2400: the longest side and the widest aspect", "JPEG 6000×2400"),
    Row("jpeg_named_png.png", "JPEG under a `.png` name", "JPEG 800×600"),
    Row("photo.heic", "HEIC", "JPEG 1800×1200", ("encode-image",)),
    Row("photo_grid.heic", "HEIC in tiles", "JPEG 1800×1200", ("encode-image",)),
    Row("photo_burst.heic", "HEIC of several pictures: the primary one", "JPEG 600×400", ("encode-image",)),
    Row("photo_turned.heic", "HEIC stored sideways", "JPEG 600×400", ("encode-image",)),
    Row("photo_hdr.heic", "HEIC with 10 bits, BT.2020 and PQ (HDR)", "JPEG 600×400", ("tone-map", "encode-image")),
    Row("photo.avif", "AVIF", "JPEG 1800×1200", ("encode-image",)),
    Row("photo.webp", "WebP, lossy", "WEBP 1800×1200"),
    Row("animated.webp", "WebP animation", "WEBP 640×480, 10 frames"),
    Row("alpha.png", "PNG with alpha", "PNG 800×600 with alpha"),
    Row(
        "alpha.png",
        "PNG with alpha",
        "PNG 800×600",
        ("flatten", "encode-image"),
        options={"background": "white"},
    ),
    Row("palette.png", "PNG with a palette", "PNG 800×600"),
    Row("grey16.png", "PNG, grey, 16 bit", "PNG 800×600"),
    Row("noise_over_30mb.png", "PNG of more than 30 MB", "JPEG 3400×3400", ("encode-image",)),
    Row("small_200.png", "PNG 200×200: sides too short", "PNG 300×300", ("scale", "encode-image")),
    Row("panorama.png", "PNG 4000×1000: too wide", "PNG 4000×1600", ("pad", "encode-image")),
    Row("panorama.png", "PNG 4000×1000: too wide", "PNG 2500×1000", ("crop", "encode-image"), options={"fit": "crop"}),
    Row("white_panorama.png", "PNG 2000×500 with white edges", "PNG 2000×800", ("pad", "encode-image")),
    Row("tower.png", "PNG 500×2000: too tall", "PNG 800×2000", ("pad", "encode-image")),
    Row("animated.png", "APNG", "PNG 640×480, 10 frames"),
    Row("animated.gif", "GIF animation", "PNG 640×480", ("take-frame", "encode-image")),
    Row("animated.gif#t=0.55", "GIF animation", "PNG 640×480", ("take-frame", "encode-image")),
    Row("photo.tiff", "TIFF of graphics", "PNG 1800×1200", ("encode-image",)),
    Row("textured.tiff", "TIFF of a photograph", "JPEG 900×600", ("encode-image",)),
    Row("photo.bmp", "BMP of graphics", "PNG 1800×1200", ("encode-image",)),
)
