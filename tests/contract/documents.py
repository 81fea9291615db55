"""Every row of the platforms' documents in our own words: what is sent, under which names, and what comes back.

Written from the documents and not from the drivers, so that what a driver lacks is missed here.
"""

from __future__ import annotations

from dataclasses import dataclass

YOUKU_LOGIN = "client_id access_token"
SIGNED = "partner_id timestamp sign"
DAYS = "start_date end_date"
PAGED = "page page_size"


@dataclass(frozen=True)
class Row:
    """One row. Lists of names are separated by blanks.

    `method` is the client method, "" where nobody but a library or the platform itself sends it. `path` is where the
    sandbox answers it. `required` and `optional` are what a caller gives, under the document's names; `address` says
    where it goes and `file` is its body: neither is a parameter on the wire. `filled` is put in by the client, a fixed
    value after "=". `beyond` are parameters of ours that the document does not have. `answers` are fields of the
    answer. `danger`: a person must confirm it; "regenerate" only with this parameter.
    """

    number: str
    method: str
    http: str
    path: str
    required: str = ""
    optional: str = ""
    filled: str = ""
    address: str = ""
    file: str = ""
    beyond: str = ""
    answers: str = ""
    danger: str = ""


def youku(number: str, method: str, http: str, path: str, **names: str) -> Row:
    return Row(number, method, http, path if path.startswith("/gupload") else f"/youku{path}", **names)


def baijiayun(number: int | str, method: str, path: str, *, http: str = "POST", **names: str) -> Row:
    row = f"BJ-{number:02}" if isinstance(number, int) else number
    return Row(row, method, http, f"/openapi/{path}", **{"filled": SIGNED, **names})


CREATE_REQUIRED = "title tags file_name file_size"
CREATE_OPTIONAL = (
    "file_md5 isnew category thumbnail description copyright_type public_type watch_password deshake isweb"
)
TASK = "slice_task_id offset length transferred finished"

YOUKU = (
    youku(
        "YK-01", "refresh_token", "POST", "/oauth2/token.json",
        filled="client_id grant_type=refresh_token refresh_token",
        answers="access_token expires_in refresh_token token_type",
    ),
    youku(
        "YK-02", "create_upload", "POST", "/uploads/create.json",
        required=CREATE_REQUIRED, optional=CREATE_OPTIONAL, filled=YOUKU_LOGIN,
        answers="video_id upload_token endpoint security_token oss_bucket oss_object temp_access_id "
        "temp_access_secret expire_time",
    ),
    youku(
        "YK-03", "create_upload", "POST", "/uploads/create.json",
        required=CREATE_REQUIRED, optional=CREATE_OPTIONAL, filled=YOUKU_LOGIN,
        answers="video_id upload_token upload_server_uri",
    ),
    youku(
        "YK-04", "renew_sts", "POST", "/uploads/get_sts_inf.json",
        required="upload_token oss_bucket oss_object", filled=YOUKU_LOGIN,
        answers="upload_token endpoint security_token temp_access_id temp_access_secret expire_time",
    ),
    Row("YK-05", "", "PUT", "/yk-source-upload", filled="partNumber uploadId authorization x-oss-security-token date"),
    youku(
        "YK-06", "commit_upload", "POST", "/uploads/commit.json",
        required="upload_token", optional="upload_server_ip upload_server_name", filled=YOUKU_LOGIN,
        answers="video_id",
    ),
    youku(
        "YK-07", "create_file", "POST", "/gupload/create_file",
        address="upload_server", required="upload_token file_size ext", optional="slice_length",
    ),
    youku(
        "YK-08", "new_slice", "GET", "/gupload/new_slice",
        address="upload_server", required="upload_token", answers=TASK,
    ),
    youku(
        "YK-09", "upload_slice", "POST", "/gupload/upload_slice",
        address="upload_server", file="file", required="upload_token slice_task_id offset length",
        optional="hash crc", answers=TASK,
    ),
    youku(
        "YK-10", "check_upload", "GET", "/gupload/check",
        address="upload_server", required="upload_token",
        answers="status upload_server_ip transferred_percent confirmed_percent empty_tasks finished",
    ),
    youku(
        "YK-11", "show_video", "GET", "/videos/show.json",
        required="video_id", optional="ext", filled="client_id",
        answers="id title link thumbnail duration category state created published description player public_type "
        "copyright_type user tags view_count operation_limit streamtypes",
    ),
    youku(
        "YK-X1", "cancel_upload", "GET", "/uploads/cancel.json",
        required="upload_token", optional="upload_server_ip", filled=YOUKU_LOGIN, answers="upload_token",
        danger="always",
    ),
    youku(
        "YK-X2", "list_my_videos", "GET", "/videos/by_me.json",
        optional="orderby page count", filled=YOUKU_LOGIN, answers="total page count videos id state",
    ),
    youku(
        "YK-X3", "authorize_url", "GET", "/v2/oauth2/authorize",
        required="redirect_uri", optional="state", filled="client_id response_type=code",
    ),
    youku(
        "YK-X4", "exchange_code", "POST", "/v2/oauth2/token",
        required="code redirect_uri", filled="client_id client_secret grant_type=authorization_code",
        answers="access_token expires_in refresh_token token_type",
    ),
    youku(
        "YK-X5", "show_videos", "GET", "/v2/videos/show_batch.json",
        required="video_ids", optional="ext", filled="client_id", answers="total videos id state",
    ),
    youku(
        "YK-X6", "update_video", "POST", "/v2/videos/update.json",
        required="video_id",
        optional="title tags category copyright_type public_type watch_password description thumbnail_seq",
        filled=YOUKU_LOGIN, answers="id",
    ),
    youku(
        "YK-X7", "delete_video", "POST", "/v2/videos/destroy.json",
        required="video_id", filled=YOUKU_LOGIN, answers="id", danger="always",
    ),
    youku("YK-X8", "list_categories", "GET", "/v2/schemas/video/category.json", answers="categories term label"),
)  # fmt: skip

IQIYI = (
    Row(
        "IQ-01", "open_upload", "GET", "/iqiyi-upload/openupload",
        required="filetype filesize", filled="access_token", answers="code data upload_url file_id",
    ),
    Row(
        "IQ-02", "upload_range", "POST", "/iqiyi-upload/",
        address="upload_url", file="file", required="file_id file_size range", filled="type=body",
        answers="code range_md5 file_range_accepted file_id",
    ),
    Row(
        "IQ-03", "finish_upload", "POST", "/iqiyi-upload/uploadfinish",
        required="file_id", filled="access_token range_finished=true", answers="code",
    ),
    Row(
        "IQ-04", "cancel_upload", "POST", "/iqiyi-upload/cancelupload",
        required="file_id", filled="access_token status=2", answers="code", danger="always",
    ),
    Row(
        "IQ-05", "set_info", "GET", "/iqiyi/api/file/info",
        required="file_id file_name description", optional="tags file_type", filled="access_token",
        answers="code msg",
    ),
    Row(
        "IQ-06", "authorize", "GET", "/iqiyi/api/iqiyi/authorize",
        filled="client_id client_secret", answers="code data access_token expires_in refresh_token",
    ),
    Row(
        "IQ-07", "refresh_token", "GET", "/iqiyi/api/oauth2/token",
        filled="client_id grant_type=refresh_token refresh_token", answers="access_token expires_in refresh_token",
    ),
    Row(
        "IQ-08", "get_full_status", "GET", "/iqiyi/api/file/fullStatus",
        required="file_id", filled="access_token", answers="code data img thumbnail swfurl urllist mp4 m3u8 msg",
    ),
    Row(
        "IQ-09", "list_videos", "GET", "/iqiyi/api/file/videoListForExternal",
        optional="file_ids page_size page", filled="access_token",
        answers="code count data fileId fileName createTime description fileSize fileStatus playCount duration img "
        "originalImg thumbnail pageUrl",
    ),
    Row(
        "IQ-10", "get_play_urls", "GET", "/iqiyi/api/file/urllist",
        required="file_id", filled="access_token", answers="code data mp4 m3u8",
    ),
    # The other value of delete_type deletes all that the account has: no method of ours can send it.
    Row(
        "IQ-11", "delete_video", "GET", "/iqiyi/api/file/delete",
        required="file_ids", filled="access_token delete_type=1", answers="code", danger="always",
    ),
)  # fmt: skip

VIDEO_IN_LIST = "video_id name status total_size create_time preface_url length publish_status"
LEVELS = " ".join(f"category_level{level}_id" for level in range(1, 6))
RECORD = "guid uuid video_id user_name user_number play_begin_time play_end_time play_length client_type user_ip area"
FIGURES = "storage flow large_class small_class double_teacher business video weclass doc total"

BAIJIAYUN = (
    # The document's table asks for a sign; its example has none, and without the key there is nothing to sign with.
    baijiayun(
        1, "create_key", "partner/createkey",
        optional="regenerate", filled="partner_id secret_key timestamp", answers="code data partner_key",
        danger="regenerate",
    ),
    baijiayun(
        2, "get_upload_url", "video/getUploadUrl",
        required="file_name definition", optional="audio_with_view format encrypt", filled=f"{SIGNED} use_https=1",
        answers="video_id upload_url",
    ),
    Row(
        "BJ-03", "upload_file", "POST", "/baijiayun-upload/upload",
        address="upload_url", file="file", filled="fid n ts token", beyond="content_range", answers="code",
    ),
    baijiayun(
        4, "get_resume_upload_url", "video/getResumeUploadUrl",
        required="video_id", filled=f"{SIGNED} use_https=1", answers="video_id upload_url upload_size",
    ),
    baijiayun(5, "get_status", "video/getStatus", required="video_id", answers="status info"),
    baijiayun(
        6, "get_info", "video/getInfo", required="video_id",
        answers="video_id name status total_size total_transcode_size create_time preface_url length audit_status "
        "file_md5 origin_definition transcode_info definition type size category publish_status",
    ),
    baijiayun(7, "get_images", "video/getImage", required="video_id", answers="video_id height width img_count imgs"),
    baijiayun(
        8, "remove_definition", "video/removeDefinition",
        required="video_id definition", optional="type", answers="video_id definition type", danger="always",
    ),
    baijiayun(
        9, "delete_origin_videos", "video/deleteOriginVideo",
        required="video_ids", answers="code data", danger="always",
    ),
    baijiayun(10, "update_video", "video/update", required="video_id", optional="name", answers="video_id"),
    baijiayun(11, "delete_video", "video/delete", required="video_id", answers="video_id", danger="always"),
    baijiayun(12, "list_categories", "video/getCategoryList", answers="list id name parent_id level children"),
    baijiayun(
        13, "get_category", "video/getCategoryInfo",
        optional="category_id", answers="id name parent_id level children",
    ),
    baijiayun(
        14, "add_category", "video/addCategory",
        required="name", optional="parent_id", answers="id name parent_id level",
    ),
    baijiayun(
        15, "delete_category", "video/deleteCategory",
        required="category_id", answers="category_id", danger="always",
    ),
    baijiayun(
        16, "list_category_videos", "video/getCategoryVideo",
        required="category_id", optional=PAGED, answers=f"total {PAGED} list {VIDEO_IN_LIST} {LEVELS}",
    ),
    baijiayun(
        17, "set_video_category", "video/setVideoCategory",
        required="video_id category_id", answers=f"video_id {LEVELS}",
    ),
    baijiayun(
        18, "get_player_token", "video/getPlayerToken", required="video_id", optional="expires_in", answers="token"
    ),
    baijiayun(
        19, "get_player_tokens", "video/getPlayerTokenBatch",
        required="video_ids expires_in", optional="product_type", answers="data",
    ),
    baijiayun(
        20, "get_account_info", "video_account/getAccountInfo",
        answers="partner_id mobile type status charge_type effect_time expire_time total_storage used_storage "
        "used_flow month_flow_limit",
    ),
    baijiayun(21, "get_video_flow", "video_data/getUsedFlow", required=f"video_id {DAYS}", answers="flow"),
    baijiayun(22, "get_account_flow", "video_account/getUsedFlow", required=DAYS, answers="flow"),
    baijiayun(
        23, "get_play_urls", "video/getUrl",
        required="video_id", optional="format expires_in",
        answers="video_id play_info duration size height width url",
    ),
    baijiayun(
        24, "list_video_play_records", "video_data/getVideoPlayRecord",
        required="video_id start_time end_time", optional=PAGED, answers=f"total {PAGED} list {RECORD}",
    ),
    baijiayun(
        25, "list_account_play_records", "video_data/exportVideoReportBatch",
        required="start_time end_time", optional=f"{PAGED} product_type", answers=f"total {PAGED} list {RECORD}",
    ),
    baijiayun(
        26, "set_publish_status", "video/setPublishStatus", required="video_id status", answers="status"
    ),
    baijiayun(27, "get_share_urls", "video/getShareUrl", required="video_id", answers="js iframe flash"),
    baijiayun(
        28, "get_play_rank", "video_data/getVideoPlayCountRank",
        required=DAYS, optional="product_type", answers="play_rank video_id play_count",
    ),
    baijiayun(
        29, "get_video_daily_plays", "video_data/getVideoDailyPlayCount",
        required=f"video_id {DAYS}", answers="play_count",
    ),
    baijiayun(
        30, "get_account_daily_plays", "video_data/getPartnerDailyPlayCount",
        required=DAYS, optional="product_type", answers="play_count",
    ),
    baijiayun(
        31, "list_videos", "video/getVideoList",
        optional=f"{PAGED} create_time", answers=f"total {PAGED} list {VIDEO_IN_LIST} category {LEVELS}",
    ),
    baijiayun(
        32, "upload_subtitle", "video/uploadSubtitle",
        required="video_id name", file="subtitle", answers="subtitle_id subtitle_name subtitle_path create_time",
    ),
    baijiayun(
        33, "list_subtitles", "video/getSubtitleList", required="video_id",
        answers="subtitle_id subtitle_name subtitle_path is_default create_time update_time",
    ),
    baijiayun(34, "rename_subtitle", "video/updateSubtitle", required="subtitle_id name", answers="code data"),
    baijiayun(
        35, "set_default_subtitle", "video/setDefaultSubtitle", required="video_id subtitle_id", answers="code data"
    ),
    baijiayun(
        36, "delete_subtitle", "video/deleteSubtitle", required="subtitle_id", answers="code data", danger="always"
    ),
    baijiayun(
        37, "get_daily_flow", "video_account/getUsedFlowDetail", http="GET", required=DAYS, answers="flow"
    ),
    baijiayun(
        38, "list_daily_video_flow", "video_data/getUsedFlowDetail", http="GET",
        required="date", optional=f"product_type {PAGED}", answers="total list video_id flow",
    ),
    baijiayun(
        39, "get_storage_and_flow", "video_account/getStorgeAndFlowInfo", http="GET", answers=FIGURES
    ),
    baijiayun(
        40, "transcode_again", "video/transcodeAgain",
        required="video_id definition", optional="format", answers="video_id definition",
    ),
    baijiayun("BJ-C1", "set_callback_url", "video_account/setTranscodeCallbackUrl", required="url", answers="url"),
    baijiayun("BJ-C2", "get_callback_url", "video_account/getTranscodeCallbackUrl", answers="url"),
    Row(
        "BJ-C3", "", "POST", "",
        answers="video_id status preface_url total_size total_transcode_size length file_md5 now_definition "
        "origin_definition qid timestamp sign",
    ),
    Row("BJ-C4", "", "POST", "", answers="access_key video_id"),
)  # fmt: skip

ROWS: dict[str, tuple[Row, ...]] = {"youku": YOUKU, "iqiyi": IQIYI, "baijiayun": BAIJIAYUN}
