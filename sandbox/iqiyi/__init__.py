"""iQiyi's video cloud, simulated from iqiyi-video-cloud.txt."""

from sandbox.iqiyi.service import Iqiyi

__all__ = ["Iqiyi"]
