"""Youku's error codes and the one shape in which they are answered (youku-oss-upload.txt, "Error Definition")."""

from sandbox.core import Refusal
from sandbox.messages import Response, json_response

DESCRIPTIONS = {
    1001: "Service temporarily unavailable",
    1002: "Service exception occurred",
    1004: "Client id null",
    1005: "Client id invalid",
    1006: "Permission denied, high level needed",
    1007: "Access token null",
    1008: "Access token invalid",
    1009: "Access token expired, refresh needed",
    1010: "Only HTTP POST is accepted",
    1012: "Necessary parameter missing",
    1013: "Invalid parameter",
    120010005: "Invalid upload token",
    120010101: "Title must not be empty",
    120010102: "Title longer than 60 characters",
    120010104: "Banned content in title",
    120010111: "Duplicate upload by the same user",
    120010113: "File larger than the limit",
    120010121: "Tags must not be empty",
    120010122: "More than 10 tags",
    120010123: "Sensitive words in tags",
    120010124: "Tag shorter than 2 characters",
    120010125: "Tag too long",
    120010141: "Banned content in description",
    120010142: "Description too long",
    120010145: "Watch password must be letters and digits, at most 32",
    120010151: "Invalid upload task",
    120010205: "Invalid upload session id",
    120010207: "Invalid slice task id",
    120010208: "Expired slice task",
    120010216: "Duplicate upload token",
    120010218: "CRC check error",
    120010223: "Expired upload token",
    120010224: "Bad request",
    120010225: "Hash check error",
    120010301: "Uploading server error: damaged file",
    120020001: "The video does not exist",
    130011201: "Necessary authorization parameter missing",
    130011202: "Unsupported grant type",
    130011203: "HTTP method not supported by the authorization server",
    130011207: "Invalid grant: code or refresh token unknown, expired or removed, or redirect_uri differs",
    130011208: "Client id does not match",
}


def error(code: int, status: int = 400) -> Response:
    """``{"error": {"code": …, "type": …, "description": …}}``; the public SDK names 400 as the usual status."""
    body = {"code": code, "type": _type(code), "description": DESCRIPTIONS[code]}
    return json_response({"error": body}, status)


def refuse(code: int, status: int = 400) -> Refusal:
    return Refusal(error(code, status))


def _type(code: int) -> str:
    text = str(code)
    if text.startswith("13"):
        return "OauthException"
    if text.startswith("12002"):
        return "VideosException"
    return "UploadsException" if text.startswith("12001") else "SystemException"
