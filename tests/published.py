"""An OpenAPI document like those that fal publishes for each endpoint, in agreement with the built-in spec."""

import copy
from typing import Any

from tests.made import SEEDANCE_2

REF = "#/components/schemas/"
X_FAL_VIDEO = {
    "min_area": 409_600,
    "max_area": 927_408,
    "min_fps": 24.0,
    "max_fps": 60.0,
    "combined": {"min_duration": 2.0, "max_duration": 15.0, "max_file_size": 52_428_800},
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.4",
    "info": {"title": "Queue OpenAPI", "version": "1.0.0", "x-fal-metadata": {"endpointId": SEEDANCE_2}},
    "components": {
        "schemas": {
            "QueueStatus": {"type": "object", "properties": {"status": {"type": "string"}}},
            "ReferenceInput": {
                "type": "object",
                "required": ["prompt"],
                "properties": {
                    "prompt": {"type": "string"},
                    "image_urls": {
                        "description": "Up to 9 images, 30 MB each.",
                        "anyOf": [
                            {"type": "array", "items": {"type": "string"}, "maxItems": 9},
                            {"type": "null"},
                        ],
                    },
                    "video_urls": {
                        "type": "array",
                        "items": {"type": "string"},
                        "maxItems": 3,
                        "x-fal": X_FAL_VIDEO,
                    },
                    "audio_urls": {
                        "type": "array",
                        "maxItems": 3,
                        "items": {"type": "string", "x-fal": {"max_file_size": 15_000_000}},
                    },
                    "resolution": {"type": "string", "enum": ["4k", "1080p", "720p", "480p"], "default": "720p"},
                    "duration": {"$ref": f"{REF}Duration"},
                    "aspect_ratio": {"allOf": [{"$ref": f"{REF}Ratio"}], "default": "auto"},
                    "generate_audio": {"type": "boolean", "default": True},
                    "bitrate_mode": {"type": "string", "enum": ["standard", "high"], "default": "standard"},
                    "end_user_id": {"type": "string"},
                },
            },
            "Duration": {"enum": ["auto", *map(str, range(4, 16))], "default": "auto"},
            "Ratio": {"enum": ["auto", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"]},
        }
    },
    "paths": {
        f"/{SEEDANCE_2}/requests/{{request_id}}/status": {"get": {"responses": {}}},
        f"/{SEEDANCE_2}/requests/{{request_id}}/cancel": {"put": {"responses": {}}},
        f"/{SEEDANCE_2}": {
            "post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": f"{REF}ReferenceInput"}}}}}
        },
    },
}


def published(**changes: Any) -> dict[str, Any]:
    """The document with properties of its input merged into the given ones, or removed where None."""
    document = copy.deepcopy(DOCUMENT)
    properties = document["components"]["schemas"]["ReferenceInput"]["properties"]
    for name, change in changes.items():
        if change is None:
            del properties[name]
        else:
            properties[name] = properties.get(name, {}) | change
    return document
