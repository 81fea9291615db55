"""Look at one media file and print what it is as JSON: `python -m platforms.services.files.probe FILE` in a process.

It ends with `UNREADABLE` where the file is to blame. Any other failure says nothing about the file.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

from pymediainfo import MediaInfo

MEMORY_BYTES = 2 * 1024**3
CPU_SECONDS = 50
UNREADABLE = 65


def facts(path: str) -> dict[str, Any]:
    """`tracks` (how many of picture or sound), `container`, `codecs`, `duration` in seconds, `width`, `height`.

    `truncated`: the file ends before the end that its own headers announce.
    """
    tracks = MediaInfo.parse(path).tracks
    whole = next((track for track in tracks if track.track_type == "General"), None)
    playable = [track for track in tracks if track.track_type in ("Video", "Audio")]
    picture = next((track for track in playable if track.track_type == "Video"), None)
    milliseconds = getattr(whole, "duration", None) or getattr(picture, "duration", None)
    return {
        "tracks": len(playable),
        "truncated": getattr(whole, "istruncated", None) == "Yes",
        "container": (getattr(whole, "format", None) or "")[:50],
        "codecs": ", ".join(dict.fromkeys(track.format for track in playable if track.format))[:100],
        "duration": round(float(str(milliseconds).split("/")[0]) / 1000, 3) if milliseconds else None,
        "width": getattr(picture, "width", None),
        "height": getattr(picture, "height", None),
    }


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    try:
        found = facts(sys.argv[1])
    except OSError:
        # The disk or the library, not what is in the file.
        raise
    except Exception as error:
        sys.stderr.write(f"{type(error).__name__}: {error}")
        sys.exit(UNREADABLE)
    sys.stdout.write(json.dumps(found))
