"""Categories, as every platform that has them must keep to, checked over real HTTP against its simulation."""

from __future__ import annotations

import pytest

from platforms.contract import HasCategories, HasCategoryTree
from platforms.drivers.baijiayun.driver import Baijiayun
from platforms.drivers.iqiyi.driver import Iqiyi
from platforms.drivers.youku.driver import Youku
from platforms.errors import Gone, Refused, Temporary
from sandbox.server import Answer, Sandbox
from tests.contract.subject import Subject

KIB = 1024
LOST = Answer(close=True, after_work=True)


class CategoryContract(Subject):
    """The checks; what a platform has not is a named skip."""

    file_size = 64 * KIB

    def listing(self, box: Sandbox) -> HasCategories:
        driver = self.driver(box)
        if not isinstance(driver, HasCategories):
            pytest.skip(f"{self.platform} has no categories")
        return driver

    def growing(self, box: Sandbox) -> HasCategoryTree:
        driver = self.driver(box)
        if not isinstance(driver, HasCategoryTree):
            pytest.skip(f"the categories of {self.platform} are its own")
        return driver

    def chosen(self, box: Sandbox) -> str:
        """The id of a category that a video may be put into."""
        driver = self.listing(box)
        if isinstance(driver, HasCategoryTree):
            return driver.add_category("数学").remote_id
        return driver.list_categories()[-1].remote_id

    def test_each_is_listed_once_after_its_parent(self, box: Sandbox) -> None:
        driver = self.listing(box)
        if isinstance(driver, HasCategoryTree):
            maths = driver.add_category("数学")
            driver.add_category("语文")
            driver.add_category("三年级", maths.remote_id)
        listed = driver.list_categories()
        levels: dict[str, int] = {"": 0}
        for category in listed:
            assert category.level == levels[category.parent_id] + 1
            levels[category.remote_id] = category.level
        assert len(levels) == len(listed) + 1 > 1
        assert all(category.name for category in listed)
        assert driver.list_categories() == listed

    def test_a_draft_may_name_any_of_them(self, box: Sandbox) -> None:
        self.chosen(box)
        for category in self.listing(box).list_categories():
            assert self.driver_class.problems(self.job(category=category.remote_id).draft) == []

    def test_an_uploaded_video_stands_in_the_category_of_its_draft(self, box: Sandbox) -> None:
        chosen = self.chosen(box)
        remote_id = self.published(box, category=chosen)
        (seen,) = self.driver(box).look([remote_id])
        if seen.category is None:
            pytest.skip(f"{self.platform} does not tell in which category a video stands")
        assert seen.category == chosen

    def test_a_video_without_one_is_published(self, box: Sandbox) -> None:
        self.published(box, category="")
        assert len(box.videos(self.platform)) == 1

    def test_a_tree_grows_as_deep_as_it_says_and_no_deeper(self, box: Sandbox) -> None:
        driver, parent = self.growing(box), ""
        for level in range(1, driver.category_levels + 1):
            added = driver.add_category(f"第 {level} 级", parent)
            assert (added.level, added.parent_id) == (level, parent)
            parent = added.remote_id
        with pytest.raises(Refused):
            driver.add_category("太深", parent)
        assert len(driver.list_categories()) == driver.category_levels

    def test_one_is_refreshed_with_those_directly_below(self, box: Sandbox) -> None:
        driver = self.growing(box)
        maths = driver.add_category("数学")
        third = driver.add_category("三年级", maths.remote_id)
        driver.add_category("上册", third.remote_id)
        assert driver.refresh_category(maths.remote_id) == (maths, third)
        assert driver.refresh_category("") == (maths,)

    def test_one_that_never_was_is_gone(self, box: Sandbox) -> None:
        driver = self.growing(box)
        for call in (driver.refresh_category, driver.delete_category):
            with pytest.raises(Gone):
                call("987654")

    def test_an_empty_one_is_deleted_and_then_gone(self, box: Sandbox) -> None:
        driver = self.growing(box)
        maths = driver.add_category("数学").remote_id
        driver.delete_category(maths)
        assert driver.list_categories() == ()
        with pytest.raises(Gone):
            driver.delete_category(maths)

    def test_one_with_videos_is_refused_in_the_platforms_words(self, box: Sandbox) -> None:
        driver = self.growing(box)
        maths = driver.add_category("数学").remote_id
        self.published(box, category=maths)
        with pytest.raises(Refused) as caught:
            driver.delete_category(maths)
        assert any(str(value).strip() for value in caught.value.sentence.params.values())
        assert [category.remote_id for category in driver.list_categories()] == [maths]

    def test_a_video_is_moved_and_taken_out(self, box: Sandbox) -> None:
        driver = self.growing(box)
        maths, chinese = (driver.add_category(name).remote_id for name in ("数学", "语文"))
        remote_id = self.published(box, category=maths)
        driver.set_category(remote_id, chinese)
        assert [list(driver.category_videos(each)) == [] for each in (maths, chinese)] == [True, False]
        driver.set_category(remote_id, "")
        assert list(driver.category_videos(chinese)) == []

    def test_the_videos_of_a_category_come_with_those_below_it(self, box: Sandbox) -> None:
        driver = self.growing(box)
        maths = driver.add_category("数学").remote_id
        third = driver.add_category("三年级", maths).remote_id
        ids = {
            self.published(box, seed=number, title=f"第 {number} 课", category=category)
            for number, category in enumerate((maths, third))
        }
        self.published(box, seed=9, title="别处")
        assert {video.remote_id for video in driver.category_videos(maths)} == ids

    @pytest.mark.parametrize("verb", ["add", "delete"])
    def test_what_adds_or_deletes_is_sent_once_though_its_answer_is_lost(self, box: Sandbox, verb: str) -> None:
        driver = self.growing(box)
        maths = driver.add_category("数学").remote_id
        box.requests.clear()
        box.block(self.api, LOST)
        with pytest.raises(Temporary) as caught:
            driver.add_category("语文") if verb == "add" else driver.delete_category(maths)
        assert caught.value.maybe_done
        assert len(box.requests) == 1


class TestYoukuCategories(CategoryContract):
    driver_class = Youku
    api = "/youku"


class TestIqiyiCategories(CategoryContract):
    driver_class = Iqiyi
    api = "/iqiyi"


class TestBaijiayunCategories(CategoryContract):
    driver_class = Baijiayun
    api = "/baijiayun"
    draft = {"options": {"definition": "16,1"}}
