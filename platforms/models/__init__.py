"""Rows. They make no calls; services are the verbs."""

from platforms.models.access_key import AccessKey
from platforms.models.account import Account, Health
from platforms.models.bulk_upload import BulkRow, BulkState, BulkUpload, RowState
from platforms.models.category import Category, CategoryMapping, HubCategory
from platforms.models.delivery import Delivery
from platforms.models.event import Event
from platforms.models.file_errand import Errand, FileErrand
from platforms.models.incoming_file import Arrival, IncomingFile, Way
from platforms.models.library_import import ImportState, LibraryImport
from platforms.models.operation import BLOCK_AT, PLANS, PUBLISH_AT, Operation, OperationState
from platforms.models.publication import Publication, UploadSession
from platforms.models.pulse import Pulse
from platforms.models.revision import Revision
from platforms.models.subtitle import CopyState, Subtitle, SubtitleCopy
from platforms.models.video import Video
from platforms.models.video_template import TemplateTarget, VideoTemplate

__all__ = [
    "BLOCK_AT",
    "PLANS",
    "PUBLISH_AT",
    "AccessKey",
    "Account",
    "Arrival",
    "BulkRow",
    "BulkState",
    "BulkUpload",
    "Category",
    "CategoryMapping",
    "CopyState",
    "Delivery",
    "Errand",
    "Event",
    "FileErrand",
    "Health",
    "HubCategory",
    "ImportState",
    "IncomingFile",
    "LibraryImport",
    "Operation",
    "OperationState",
    "Publication",
    "Pulse",
    "Revision",
    "RowState",
    "Subtitle",
    "SubtitleCopy",
    "TemplateTarget",
    "UploadSession",
    "Video",
    "VideoTemplate",
    "Way",
]
