"""Youku, simulated from youku-oss-upload.txt, youku-slice-upload.txt and its public SDK's calls."""

from sandbox.youku.service import Youku

__all__ = ["Youku"]
