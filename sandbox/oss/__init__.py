"""Aliyun OSS, simulated as far as a Youku upload, and the hub's own storage, need it."""

from sandbox.oss.keys import Sts
from sandbox.oss.service import Oss

__all__ = ["Oss", "Sts"]
