"""One client in a process of its own: uploads the file to the sink and prints what it cost, as JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

from bench.common.measure import Cost
from bench.uploads import ours, peers
from bench.uploads.names import OURS

PEERS: Mapping[str, Callable[[str, Path], Cost]] = {
    "curl": peers.curl,
    "md5": peers.openssl_md5,
    "sendfile": peers.sendfile,
    "youku-sdk": peers.youku_sdk,
    "oss2-1": partial(peers.oss2_resumable, threads=1),
    "oss2-8": partial(peers.oss2_resumable, threads=8),
    "iqiyi-post": peers.iqiyi_post,
    "iqiyi-ranges": peers.iqiyi_ranges,
    "baijiayun-form": peers.baijiayun_form,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("url")
    parser.add_argument("file", type=Path)
    parser.add_argument("--md5", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    if given.name in OURS:
        cost = ours.upload(OURS[given.name], given.url, given.file, given.md5, given.folder)
    else:
        cost = PEERS[given.name](given.url, given.file)
    print(json.dumps(asdict(cost)))


if __name__ == "__main__":
    main()
