"""Baijiayun's answers: ``{"code": 0, "data": ..., "msg": "", "ts": ...}``, and the refusals of this simulator.

baijiayun-vod.txt lists not one error code and no error text; it only says that 0 is success (1 on the upload address).
The numbers and sentences of this table are therefore the simulator's own. All travel with HTTP 200, as successes do.
"""

from enum import IntEnum
from typing import Any

from sandbox.core import Refusal
from sandbox.messages import Response, json_response


class Code(IntEnum):
    UNKNOWN_PARTNER = 1001
    BAD_SIGN = 1002
    STALE_TIMESTAMP = 1003
    MISSING_PARAMETER = 1004
    BAD_PARAMETER = 1005
    BAD_SECRET = 1006
    NO_SUCH_CALL = 1007
    WRONG_METHOD = 1008
    NO_VIDEO = 2001
    NOT_TRANSCODED = 2002
    BLOCKED = 2003
    REJECTED = 2004
    BAD_EXTENSION = 2005
    BANNED_NAME = 2006
    NO_SUCH_FILE = 2007
    NO_ENCRYPTION = 2008
    MP4_IS_LAST = 2009
    NO_ORIGIN = 2010
    BAD_ADDRESS = 3001
    EXPIRED_ADDRESS = 3002
    BAD_BODY = 3003
    BAD_RANGE = 3004
    ALREADY_COMPLETE = 3005
    NO_CATEGORY = 4001
    TOO_DEEP = 4002
    CATEGORY_IN_USE = 4003
    NO_SUBTITLE = 5001
    BAD_SUBTITLE = 5002


MESSAGES = {
    Code.UNKNOWN_PARTNER: "合作方账号不存在",
    Code.BAD_SIGN: "签名错误",
    Code.STALE_TIMESTAMP: "timestamp 与当前时间相差过大",
    Code.MISSING_PARAMETER: "缺少参数",
    Code.BAD_PARAMETER: "参数错误",
    Code.BAD_SECRET: "secret_key 错误",
    Code.NO_SUCH_CALL: "接口不存在",
    Code.WRONG_METHOD: "请求类型错误",
    Code.NO_VIDEO: "视频不存在",
    Code.NOT_TRANSCODED: "视频尚未转码成功",
    Code.BLOCKED: "视频已被屏蔽",
    Code.REJECTED: "视频审核未通过",
    Code.BAD_EXTENSION: "不支持的文件格式",
    Code.BANNED_NAME: "文件名含有违禁内容",
    Code.NO_SUCH_FILE: "没有该清晰度或格式的文件",
    Code.NO_ENCRYPTION: "账号未开通加密视频权限",
    Code.MP4_IS_LAST: "请先删除该清晰度的其他类型，再删除 mp4",
    Code.NO_ORIGIN: "源文件已删除",
    Code.BAD_ADDRESS: "上传地址无效",
    Code.EXPIRED_ADDRESS: "上传地址已过期",
    Code.BAD_BODY: "请求体无效",
    Code.BAD_RANGE: "Content-Range 与已上传的大小不符",
    Code.ALREADY_COMPLETE: "文件已上传完成",
    Code.NO_CATEGORY: "分类不存在",
    Code.TOO_DEEP: "分类最多支持五级",
    Code.CATEGORY_IN_USE: "分类下有视频或子分类，不可删除",
    Code.NO_SUBTITLE: "字幕不存在",
    Code.BAD_SUBTITLE: "字幕文件应为 vtt 或 srt 格式",
}


def success(data: Any, now: float) -> Response:
    return json_response({"code": 0, "data": data, "msg": "", "ts": int(now)})


def failure(code: Code, detail: str = "", status: int = 200) -> Response:
    message = f"{MESSAGES[code]}：{detail}" if detail else MESSAGES[code]
    return json_response({"code": code.value, "data": None, "msg": message}, status)


def refuse(code: Code, detail: str = "") -> Refusal:
    """Raise it to end a handler with this code."""
    return Refusal(failure(code, detail))
