"""The one list of platforms: each with the driver class that speaks to it."""

from platforms.contract import Driver
from platforms.drivers.baijiayun.driver import Baijiayun
from platforms.drivers.iqiyi.driver import Iqiyi
from platforms.drivers.youku.driver import Youku
from platforms.values import Platform

DRIVERS: dict[Platform, type[Driver]] = {
    Platform.YOUKU: Youku,
    Platform.IQIYI: Iqiyi,
    Platform.BAIJIAYUN: Baijiayun,
}


def driver_class(platform: str) -> type[Driver]:
    """The driver class of a platform; raises KeyError for an unknown name."""
    return DRIVERS[Platform(platform)]
