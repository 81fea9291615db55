"""Baijiayun's video on demand, simulated from baijiayun-vod.txt."""

from sandbox.baijiayun.service import Baijiayun

__all__ = ["Baijiayun"]
