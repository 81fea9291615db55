"""The languages of subtitles: codes of BCP 47, names for staff, and what file names and titles tell of them."""

from __future__ import annotations

import re
from pathlib import PurePath

from platforms.values import gettext_noop

UNDETERMINED = "und"
# The first is what most subtitles here are in; then by how common they are.
LANGUAGES: dict[str, str] = {
    "zh-Hans": gettext_noop("Chinese (simplified)"),
    "zh-Hant": gettext_noop("Chinese (traditional)"),
    "en": gettext_noop("English"),
    "ja": gettext_noop("Japanese"),
    "ko": gettext_noop("Korean"),
    "fr": gettext_noop("French"),
    "de": gettext_noop("German"),
    "es": gettext_noop("Spanish"),
    "ru": gettext_noop("Russian"),
    "pt": gettext_noop("Portuguese"),
    "it": gettext_noop("Italian"),
    "ar": gettext_noop("Arabic"),
    "th": gettext_noop("Thai"),
    "vi": gettext_noop("Vietnamese"),
    "id": gettext_noop("Indonesian"),
    "ms": gettext_noop("Malay"),
    "hi": gettext_noop("Hindi"),
    "tr": gettext_noop("Turkish"),
    "yue": gettext_noop("Cantonese"),
    "bo": gettext_noop("Tibetan"),
    "ug": gettext_noop("Uyghur"),
    "mn": gettext_noop("Mongolian"),
    UNDETERMINED: gettext_noop("Not stated"),
}
# What each language calls itself: the name of its subtitle unless a person gives another.
OWN_NAMES: dict[str, str] = {
    "zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English", "ja": "日本語", "ko": "한국어", "fr": "Français",
    "de": "Deutsch", "es": "Español", "ru": "Русский", "pt": "Português", "it": "Italiano", "ar": "العربية",
    "th": "ไทย", "vi": "Tiếng Việt", "id": "Bahasa Indonesia", "ms": "Bahasa Melayu", "hi": "हिन्दी", "tr": "Türkçe",
    "yue": "粤语", "bo": "བོད་སྐད་", "ug": "ئۇيغۇرچە", "mn": "Монгол", UNDETERMINED: "",
}  # fmt: skip
# Other words for a language, in lower case, as files and platforms name it.
_OTHER_WORDS: dict[str, str] = {
    "zh": "zh-Hans", "cn": "zh-Hans", "chs": "zh-Hans", "sc": "zh-Hans", "gb": "zh-Hans", "zh-cn": "zh-Hans",
    "zh-sg": "zh-Hans", "chi": "zh-Hans", "zho": "zh-Hans", "中文": "zh-Hans", "简体": "zh-Hans", "简中": "zh-Hans",
    "中文简体": "zh-Hans", "中文（简体）": "zh-Hans", "汉语": "zh-Hans", "chinese": "zh-Hans",
    "cht": "zh-Hant", "tc": "zh-Hant", "big5": "zh-Hant", "zh-tw": "zh-Hant", "zh-hk": "zh-Hant", "繁体": "zh-Hant",
    "繁中": "zh-Hant", "繁体中文": "zh-Hant", "中文繁体": "zh-Hant", "中文（繁体）": "zh-Hant",
    "eng": "en", "en-us": "en", "en-gb": "en", "英文": "en", "英语": "en", "jpn": "ja", "jp": "ja", "日文": "ja",
    "日语": "ja", "kor": "ko", "kr": "ko", "韩文": "ko", "韩语": "ko", "fra": "fr", "fre": "fr", "法语": "fr",
    "法文": "fr", "ger": "de", "deu": "de", "德语": "de", "德文": "de", "spa": "es", "西班牙语": "es", "rus": "ru",
    "俄语": "ru", "俄文": "ru", "葡萄牙语": "pt", "意大利语": "it", "阿拉伯语": "ar", "泰语": "th", "越南语": "vi",
    "粤语": "yue", "粵語": "yue", "藏语": "bo", "维吾尔语": "ug", "蒙古语": "mn",
}  # fmt: skip
_KNOWN = (
    {code.lower(): code for code in LANGUAGES}
    | {name.lower(): code for code, name in OWN_NAMES.items() if name}
    | {name.lower(): code for code, name in LANGUAGES.items()}
    | _OTHER_WORDS
)


def find(word: str) -> str:
    """The code that a code, a name or another common word stands for; "" when it is none."""
    return _KNOWN.get(word.strip().lower().replace("_", "-"), "")


def guess(name: str) -> str:
    """The code that a file name such as `lesson.en.srt` or a subtitle's name tells; "" when it tells none."""
    path = PurePath(name)
    stem = path.stem if path.suffix.lower() in (".vtt", ".srt") else name
    words = [stem, *reversed(re.split(r"[.\s()\[\]（）【】]+", stem)), *reversed(re.split(r"[._\-\s]+", stem))]
    return next((code for word in words if word and (code := find(word))), "")


def words() -> dict[str, str]:
    """Every word that is known for a language, in lower case, with its code."""
    return dict(_KNOWN)
