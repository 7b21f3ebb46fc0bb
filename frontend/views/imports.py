"""Importing from a CSV file on a page: it is read first, and shown what it would change; nothing is done before that is confirmed."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from frontend.forms.people import ConfirmImportForm, FileForm, packed
from frontend.views.base import Here, page
from meetings.access import Permission, require
from meetings.errors import Conflict
from meetings.network import invitations
from meetings.network.imports import import_municipalities
from meetings.network.representatives import import_representatives
from meetings.network.tables import Report
from meetings.scheduling.selectors import next_meeting_as_fact

MOST_SHOWN = 50


class Kind(NamedTuple):
    """What a file may hold, and how it is taken in."""

    title: Any
    columns: Any
    example: tuple[str, ...]
    take: Callable[..., Report]
    back: str


KINDS = {
    "representatives": Kind(
        gettext_lazy("Import people who represent municipalities"),
        gettext_lazy("Columns: istat_code, name, email; if you like also office, order (1 is the titular), phone, language."),
        ("istat_code;name;office;order;email", "001272;Anna Rossi;sindaca;1;anna.rossi@example.org"),
        import_representatives,
        "people",
    ),
    "municipalities": Kind(
        gettext_lazy("Import municipalities"),
        gettext_lazy("Columns: istat_code, name, zone_number, zone_name, population; if you like also valid_from, valid_until."),
        ("istat_code;name;zone_number;zone_name;population", "001272;Torino;1;Torino;847287"),
        import_municipalities,
        "directory",
    ),
}


@page
def load(here: Here, what: str) -> HttpResponse:
    """Asks for the file; its sending shows what it would change. That is no write: nothing is kept of it."""
    kind = _kind(here, what)
    form = FileForm(here.posted, here.request.FILES if here.is_post else None)
    if not here.is_post or not form.is_valid():
        return here.render("network/import.html", {"form": form, "kind": kind}, 422 if here.is_post else 200)
    data = form.cleaned_data["file"]
    report = kind.take(actor=here.actor, network=here.network, data=data, dry_run=True)
    return _preview(here, what, report, ConfirmImportForm(initial={"content": packed(data)}), 200 if report.accepted else 422)


@page
def confirm(here: Here, what: str) -> HttpResponse:
    """Takes in the file that was looked at; when it no longer fits what is there, the reasons are shown instead."""
    kind = _kind(here, what)
    form = ConfirmImportForm(here.posted)

    def act() -> None:
        report = kind.take(actor=here.actor, network=here.network, data=form.cleaned_data["content"])
        if not report.accepted:
            raise Conflict("refused", _("Something has changed since: please choose the file again."))
        messages.success(here.request, in_words(report))
        if form.cleaned_data["invite"] and what == "representatives":
            _invite(here)

    def show(status: int) -> HttpResponse:
        return here.render("network/import.html", {"form": FileForm(), "kind": kind, "refused": form if here.is_post else None}, status)

    return here.submit(form, save=act, done="", to=here.url(kind.back), show=show)


def _kind(here: Here, what: str) -> Kind:
    require(here.actor, Permission.MANAGE_PEOPLE, network_id=here.network.pk)
    return KINDS[what]


def _invite(here: Here) -> None:
    sent = len(invitations.invite_all(actor=here.actor, network=here.network, meeting=next_meeting_as_fact(here.network)))
    text = ngettext("One invitation is on its way.", "%(n)s invitations are on their way.", sent) % {"n": sent}
    messages.success(here.request, text)


def _preview(here: Here, what: str, report: Report, form: ConfirmImportForm, status: int) -> HttpResponse:
    parts = [
        ("created", _("Added"), report.created),
        ("updated", _("Changed"), report.updated),
        ("unchanged", _("Unchanged"), report.unchanged),
    ]
    context = {
        "form": form,
        "kind": KINDS[what],
        "what": what,
        "report": report,
        "words": in_words(report),
        "changes": len(report.created) + len(report.updated),
        "parts": [(label, rows[:MOST_SHOWN], len(rows) - MOST_SHOWN) for _name, label, rows in parts if rows],
        "confirm_url": here.url(f"import_{what}_confirm"),
    }
    return here.render("network/import_preview.html", context, status)


def in_words(report: Report) -> str:
    """How many lines do, or did, what."""
    values = {
        "created": len(report.created),
        "updated": len(report.updated),
        "unchanged": len(report.unchanged),
        "refused": len(report.refused),
    }
    if report.refused:
        return _("Refused lines: %(refused)s. Nothing was changed.") % values
    return _("Added: %(created)s. Changed: %(updated)s. Unchanged: %(unchanged)s.") % values
