"""Django's own words that its Chinese lacks or says stiffly: named here, so that our catalogue says them.

Nobody imports this: the catalogue of a project wins over Django's, and the messages are collected from the source.
"""

from django.utils.translation import gettext_noop, ngettext_lazy

LISTS = (
    gettext_noop("Action:"),
    gettext_noop("Run the selected action"),
    gettext_noop("No action selected."),
    gettext_noop(
        "Items must be selected in order to perform actions on them. No items have been changed."
    ),
    gettext_noop("Delete selected %(verbose_name_plural)s"),
    gettext_noop("Show counts"),
    gettext_noop("Hide counts"),
    gettext_noop("Remove from sorting"),
    gettext_noop("Breadcrumbs"),
    gettext_noop("%(full_result_count)s total"),
    gettext_noop("Select %s to change"),
    gettext_noop("Select %s to view"),
)  # fmt: skip
FORMS = (
    gettext_noop("Home"),
    gettext_noop(":"),
    gettext_noop("Error:"),
    gettext_noop("Add %s"),
    gettext_noop("Change %s"),
    gettext_noop("View %s"),
    gettext_noop("Change history: %s"),
    gettext_noop("Save and add another"),
    gettext_noop("The {name} “{obj}” was added successfully."),
    gettext_noop("You may edit it again below."),
    gettext_noop("The {name} “{obj}” was added successfully. You may add another {name} below."),
    gettext_noop("The {name} “{obj}” was changed successfully."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may edit it again below."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may add another {name} below."),
)
DELETING = (
    gettext_noop("The %(name)s “%(obj)s” was deleted successfully."),
    gettext_noop("Successfully deleted %(count)d %(items)s."),
    gettext_noop("Summary"),
    gettext_noop(
        'Are you sure you want to delete the %(object_name)s "%(escaped_object)s"? All of the following related '
        "items will be deleted:"
    ),
    gettext_noop(
        "Are you sure you want to delete the selected %(objects_name)s? All of the following objects and their "
        "related items will be deleted:"
    ),
)
PEOPLE = (
    gettext_noop("group"),
    gettext_noop("groups"),
    gettext_noop("Password change"),
    gettext_noop(
        "Please enter the correct %(username)s and password for a staff account. Note that both fields may be "
        "case-sensitive."
    ),
    gettext_noop("After you’ve created a user, you’ll be able to edit more user options."),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
)
TIMES = (ngettext_lazy("%(num)d day", "%(num)d days"),)
