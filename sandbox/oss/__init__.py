"""Aliyun OSS, simulated as far as a Youku upload needs it."""

from sandbox.oss.service import Oss, Sts

__all__ = ["Oss", "Sts"]
