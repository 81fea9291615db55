"""Categories on a platform, grown without the hub's knowledge."""

from __future__ import annotations

from platforms.contract import HasCategoryTree
from platforms.models import Account, Category
from platforms.services import lending
from platforms.services.categories import taking, tree
from sandbox.server import Sandbox
from tests import hub

ADD_CALL = "video/addCategory"
DELETE_CALL = "video/deleteCategory"
LOOK_CALL = "video/getCategoryInfo"


def driver(account: Account) -> HasCategoryTree:
    found = lending.driver_for(account)
    assert isinstance(found, HasCategoryTree)
    return found


def grow(account: Account, *names: str) -> list[str]:
    """Categories on the platform, each below the one before."""
    ids = [""]
    for name in names:
        ids.append(driver(account).add_category(name, ids[-1]).remote_id)
    return ids[1:]


def grown(box: Sandbox, *names: str) -> tuple[Account, list[Category]]:
    """A Baijiayun account with these categories, each below the one before, as the hub knows them."""
    account = hub.add_account(box, "baijiayun")
    ids = grow(account, *names)
    taking.sync(account, actor="test")
    return account, [Category.objects.select_related("account").get(remote_id=each) for each in ids]


def paths(account: Account) -> list[str]:
    return [node.path for node in tree.nodes(account)]


def there(account: Account) -> list[str]:
    """The names of the categories that the platform has."""
    return [category.name for category in driver(account).list_categories()]


def address(box: Sandbox, call: str) -> str:
    """Where a call such as `ADD_CALL` is answered."""
    return f"/baijiayun/{box.credentials('baijiayun')['private_domain']}/openapi/{call}"
