"""Categories, up to five levels deep (baijiayun-vod.txt, API-12 to API-15 and API-17)."""

from sandbox.baijiayun.calls import Call
from sandbox.baijiayun.errors import Code, refuse
from sandbox.baijiayun.library import Library
from sandbox.core import World
from sandbox.store import Document

CATEGORY = "baijiayun-category"
FIRST_ID = 490
DEEPEST = 5
ROOT: Document = {"id": 0, "name": "", "parent_id": 0, "level": 0}


class Categories:
    def __init__(self, world: World, library: Library) -> None:
        self._store = world.store
        self._library = library

    def list_all(self, call: Call) -> Document:
        """API-12. Below the first level ids, parents and levels are strings, as in the example."""
        categories = self._of(call)
        return {"list": [self._tree(category, categories) for category in categories if not category["parent_id"]]}

    def _tree(self, category: Document, categories: list[Document]) -> Document:
        children = [self._tree(child, categories) for child in categories if child["parent_id"] == category["id"]]
        if category["parent_id"]:
            return {**_child(category), **({"children": children} if category["level"] < DEEPEST else {})}
        return {**_whole(category), "children": children}

    def get(self, call: Call) -> Document:
        """API-13: one category and those directly below it; 0 is the root."""
        number = call.number("category_id", 0)
        category = self._own(call, number) if number else ROOT
        children = [_in_info(child) for child in self._of(call) if child["parent_id"] == number]
        return {**_whole(category), **({"children": children} if category["level"] < DEEPEST else {})}

    def add(self, call: Call) -> Document:
        """API-14."""
        name, parent_id = call.text("name"), call.number("parent_id", 0)
        level = self._own(call, parent_id)["level"] + 1 if parent_id else 1
        if level > DEEPEST:
            raise refuse(Code.TOO_DEEP)
        number = FIRST_ID + self._store.next_number(CATEGORY)
        category = {"id": number, "name": name, "parent_id": parent_id, "level": level, "partner_id": call.partner_id}
        self._store.put(CATEGORY, str(number), category)
        return _whole(category)

    def delete(self, call: Call) -> Document:
        """API-15: only when neither videos nor categories are in it."""
        number = self._own(call, call.number("category_id"))["id"]
        used = any(video["category_id"] == number for video in self._library.of(call.partner_id))
        if used or any(child["parent_id"] == number for child in self._of(call)):
            raise refuse(Code.CATEGORY_IN_USE)
        self._store.delete(CATEGORY, str(number))
        return {"category_id": number}

    def assign(self, call: Call) -> Document:
        """API-17; 0 takes the video out of its category."""
        video = self._library.own(call)
        number = call.number("category_id")
        if number:
            self._own(call, number)
        video = self._library.update(video, category_id=number)
        return {"video_id": video["video_id"], **self.levels_of(video)}

    def family(self, call: Call) -> set[int]:
        """The category that a call names and all below it."""
        known = self._of(call)
        found = {int(self._own(call, call.number("category_id"))["id"])}
        for _ in range(DEEPEST):
            found |= {category["id"] for category in known if category["parent_id"] in found}
        return found

    def path_of(self, video: Document) -> list[Document]:
        """``id``, ``level`` and ``name`` from the first level down to the video's category (API-6)."""
        path: list[Document] = []
        number = video["category_id"]
        while number and (category := self._store.get(CATEGORY, str(number))):
            path.insert(0, {name: category[name] for name in ("id", "level", "name")})
            number = category["parent_id"]
        return path

    def levels_of(self, video: Document) -> Document:
        """``category_level1_id`` to ``category_level5_id``; 0 below the video's own level."""
        ids = [category["id"] for category in self.path_of(video)]
        return {f"category_level{level}_id": ids[level - 1] if level <= len(ids) else 0 for level in range(1, 6)}

    def _of(self, call: Call) -> list[Document]:
        return self._store.all(CATEGORY, partner_id=call.partner_id)

    def _own(self, call: Call, number: int) -> Document:
        category = self._store.get(CATEGORY, str(number))
        if category is None or category["partner_id"] != call.partner_id:
            raise refuse(Code.NO_CATEGORY)
        return category


def _whole(category: Document) -> Document:
    return {name: category[name] for name in ("id", "name", "parent_id", "level")}


def _child(category: Document) -> Document:
    """As API-12 shows a category below the first level."""
    strings = {name: str(category[name]) for name in ("id", "level", "parent_id")}
    return {**strings, "name": category["name"]}


def _in_info(category: Document) -> Document:
    """As API-13 shows a child."""
    return {**_whole(category), "level": str(category["level"])}
