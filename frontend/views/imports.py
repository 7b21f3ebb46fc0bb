"""Importing from a CSV file on a page: it is read first, and shown what it would change; nothing is done before that is confirmed."""

import csv
import io
from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from frontend.forms.people import ConfirmImportForm, FileForm, packed
from frontend.views.base import Here, page
from meetings.access import Permission, require
from meetings.documents.action_tracker_csv import BYTE_ORDER_MARK, neutralised
from meetings.documents.services import CSV
from meetings.errors import Conflict
from meetings.network import invitations
from meetings.network.imports import import_municipalities
from meetings.network.representatives import import_representatives
from meetings.network.selectors import municipalities
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
        return here.render(
            "network/import.html", {"form": form, "kind": kind, "example_url": _example_url(here, what)}, 422 if here.is_post else 200
        )
    data = form.cleaned_data["file"]
    report = kind.take(actor=here.actor, network=here.network, data=data, dry_run=True)
    return _preview(here, what, report, ConfirmImportForm(initial={"content": packed(data)}), 200 if report.accepted else 422)


@require_safe
@page
def example(here: Here, what: str) -> HttpResponse:
    """A file to fill in, with the columns: of people a line for each municipality that is there already, its name beside its code."""
    kind = _kind(here, what)
    rows = [line.split(";") for line in kind.example]
    towns = municipalities(here.network) if what == "representatives" else ()
    if towns:
        code, *others = rows[0]
        rows = [[code, "municipality", *others], *([town.istat_code, neutralised(town.name), "", "", "1", ""] for town in towns)]
    output = io.StringIO(newline="")
    csv.writer(output, delimiter=";", lineterminator="\r\n").writerows(rows)
    response = HttpResponse(BYTE_ORDER_MARK + output.getvalue(), content_type=CSV)
    response["Content-Disposition"] = f'attachment; filename="{what}.csv"'
    return response


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
        shown = {"form": FileForm(), "kind": kind, "refused": form if here.is_post else None, "example_url": _example_url(here, what)}
        return here.render("network/import.html", shown, status)

    def to(_done: object) -> str:
        """To what is there now; where invitations leave, to how far they are."""
        return here.url(kind.back) + ("?sending=1" if form.cleaned_data["invite"] and what == "representatives" else "")

    return here.submit(form, save=act, done="", to=to, show=show)


def _kind(here: Here, what: str) -> Kind:
    require(here.actor, Permission.MANAGE_PEOPLE, network_id=here.network.pk)
    return KINDS[what]


def _example_url(here: Here, what: str) -> str:
    return here.url(f"import_{what}_example")


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
