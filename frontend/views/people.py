"""The coordinator's page of people: who takes part, who was invited and what came of it, by zone; adding, changing and ending."""

from collections import Counter
from collections.abc import Callable, Sequence, Sized
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from frontend.forms.base import ActionForm, ButtonForm
from frontend.forms.people import AddressForm, EndForm, MemberForm, NewMemberForm, OrderForm
from frontend.templatetags.texts import day as in_words
from frontend.views.base import Here, page
from meetings.access import Permission, Role, require
from meetings.network import invitations, invited, people, selectors, services
from meetings.network.invited import Invited
from meetings.network.models import Invitation, Membership
from meetings.notifications.models import MailState
from meetings.scheduling.selectors import next_meeting_as_fact

REFRESH = 4
"""Seconds after which a page that shows progress is fetched again."""


class Person(NamedTuple):
    """A row of the page."""

    row: Any
    invitation: Invitation | None


class Group(NamedTuple):
    """A zone's people, or those without a zone."""

    title: str
    people: list[Person]

    @property
    def counts(self) -> Counter[str]:
        return Counter(person.row.invitation_state for person in self.people)


@require_safe
@page
def index(here: Here) -> HttpResponse:
    """Everybody, by zone, with what came of the invitation; `?state=` keeps one kind."""
    _require(here)
    rows = list(invited.people(here.network))
    known = invited.invitations_of(rows)
    everybody = [Person(row, known.get(row.invitation_id)) for row in rows]
    state = here.request.GET.get("state", "")
    shown = [person for person in everybody if state not in Invited.values or person.row.invitation_state == state]
    counts = Counter(row.invitation_state for row in rows)
    context = {
        "groups": _groups(shown),
        "state": state if state in Invited.values else "",
        "states": [(value, label, counts[value]) for value, label in Invited.choices if counts[value]],
        "counts": counts,
        "total": len(rows),
        "to_resend": len(invitations.to_resend(here.network)) if counts[Invited.SENT] or counts[Invited.EXPIRED] else 0,
        **_on_their_way(here, rows),
        "undeliverable": [person for person in everybody if person.row.invitation_state == Invited.UNDELIVERABLE],
        "restorable": [row for row in _ended_lately(here) if selectors.end_can_be_taken_back(row)],
    }
    return here.render("network/people.html", context)


def _on_their_way(here: Here, rows: Sequence[Any]) -> dict[str, Any]:
    """How many mails wait; while they are followed (`?sending=1`) the page is fetched again until none does."""
    waiting = sum(row.mail_state in (MailState.QUEUED, MailState.SENDING) for row in rows)
    mailed = sum(row.mail_state is not None for row in rows)
    follows = here.request.GET.get("sending") == "1"
    return {
        "waiting": waiting,
        "mailed": mailed,
        "arrived": mailed - waiting,
        "follows": follows,
        "refresh": REFRESH if follows and waiting else 0,
    }


def _require(here: Here) -> None:
    require(here.actor, Permission.MANAGE_PEOPLE, network_id=here.network.pk)


def _groups(shown: Sequence[Person]) -> list[Group]:
    groups: dict[tuple[int, str], list[Person]] = {}
    for person in shown:
        zone = person.row.zone or (person.row.municipality and person.row.municipality.zone)
        key = (zone.number, f"{zone.number}. {zone.name}") if zone else (0, _("Without a zone"))
        groups.setdefault(key, []).append(person)
    return [Group(title, found) for (_number, title), found in sorted(groups.items())]


def _ended_lately(here: Here) -> list[Membership]:
    rows = Membership.objects.filter(network=here.network, ended_at__isnull=False).select_related("network", "user", "municipality", "zone")
    return list(rows.order_by("-ended_at", "id")[:20])


# --- adding and changing ---


@page
def new(here: Here) -> HttpResponse:
    """Gives a person a role; `?role=` and `?municipality=` choose beforehand."""
    _require(here)
    asked = here.request.GET
    initial = {"role": asked.get("role", Role.REPRESENTATIVE), "municipality": asked.get("municipality"), "zone": asked.get("zone")}
    form = NewMemberForm(
        here.posted,
        initial={**initial, "language": here.network.language, "order": 1},
        towns=selectors.seats_to_name(here.network),
        zones=selectors.zones(here.network),
    )
    return here.form(
        form,
        "network/person_form.html",
        {"title": _("Add a person"), "submit": _("Add")},
        save=lambda: services.add_member(actor=here.actor, network=here.network, **form.values()),
        done=_("The person is added. An invitation tells them."),
        to=here.url("people"),
    )


@page
def edit(here: Here, membership_id: UUID) -> HttpResponse:
    """Office, order and first day."""
    _require(here)
    membership = here.own(selectors.membership(membership_id))
    initial = {name: getattr(membership, name) for name in ("office", "order", "valid_from")}
    form = MemberForm(here.posted, initial=initial, version=membership.version)
    context = {"title": membership.user.name, "membership": membership, "can": selectors.possible_with(membership)}
    return here.form(
        form,
        "network/person_form.html",
        {**context, "person": _row_of(here, membership), "corrects": people.may_correct_address(membership.user, here.network)},
        save=lambda: services.change_membership(
            actor=here.actor, membership=membership, values=form.values(), expected_version=form.version
        ),
        done=_("Saved."),
        to=here.url("people"),
    )


def _row_of(here: Here, membership: Membership) -> Person | None:
    row = invited.people(here.network).filter(user=membership.user_id).first()
    return Person(row, invited.invitations_of([row]).get(row.invitation_id)) if row else None


@page
def order(here: Here, municipality_id: UUID) -> HttpResponse:
    """Moves a representative one place up: the first is the titular."""
    _require(here)
    town = selectors.municipality_in(here.network.pk, municipality_id)
    form, back = OrderForm(here.posted), here.url("municipality", municipality_id)
    return here.form(
        form,
        "network/order.html",
        {"municipality": town, "back": back},
        save=lambda: services.order_representatives(actor=here.actor, municipality=town, membership_ids=moved_up(**form.values())),
        done=_("The order is saved."),
        to=back,
    )


def moved_up(order: str, moved: str) -> list[UUID]:
    """The ids with one of them a place further up; nothing for what are no ids, which no order matches."""
    try:
        ids, one = [UUID(part) for part in order.split()], UUID(moved)
    except ValueError:
        return []
    place = ids.index(one) if one in ids else 0
    if place:
        ids[place - 1], ids[place] = ids[place], ids[place - 1]
    return ids


# --- ending ---


@page
def end(here: Here, membership_id: UUID) -> HttpResponse:
    """Asks for the last day and says in words what ends and what becomes of the seat."""
    _require(here)
    membership = here.own(selectors.membership(membership_id))
    form = EndForm(here.posted, initial={"last_day": selectors.today(here.network)})
    return here.form(
        form,
        "network/end.html",
        {"membership": membership, "words": what_ends(membership, selectors.today(here.network))},
        save=lambda: services.end_membership(actor=here.actor, membership=membership, **form.values()),
        done=_("The membership ends. Until its last day, and today, this can be taken back."),
        to=here.url("people"),
    )


def what_ends(membership: Membership, day: date) -> list[str]:
    """What the end of this membership means, in words."""
    name = membership.user.name
    words = [
        _("%(name)s loses access with the last day: pages, calendar addresses, access tokens and open connections end with it.")
        % {"name": name},
        _("What %(name)s did stays: minutes, votes and proposals are not touched.") % {"name": name},
    ]
    others = list(selectors.other_roles(membership, day))
    if others:
        words.append(_("Other roles of this person stay: %(roles)s.") % {"roles": ", ".join(row.get_role_display() for row in others)})
    return [*words, *_of_the_seat(membership), *_of_the_zone(membership, day)]


def _of_the_seat(membership: Membership) -> list[str]:
    if membership.municipality is None:
        return []
    left = [row for row in selectors.standing(membership.municipality) if row.pk != membership.pk]
    values = {"town": membership.municipality.name, "next": left[0].user.name if left else ""}
    if not left:
        warning = _("Warning: nobody else represents %(town)s. It could neither answer, nor propose, nor vote until you add somebody.")
        return [warning % values]
    if membership.order <= left[0].order:
        return [_("The next in order, %(next)s, becomes the titular of %(town)s.") % values]
    return [_("%(next)s stays the titular of %(town)s.") % values]


def _of_the_zone(membership: Membership, day: date) -> list[str]:
    if membership.zone is None:
        return []
    left = [row for row in selectors.spokespersons(membership.zone, day) if row.pk != membership.pk]
    values = {"zone": membership.zone.name, "next": left[0].user.name if left else ""}
    return [_("%(next)s speaks for %(zone)s then.") % values if left else _("Nobody speaks for %(zone)s then.") % values]


@page
def restore(here: Here, membership_id: UUID) -> HttpResponse:
    """Takes back an end."""
    _require(here)
    membership = here.own(selectors.membership(membership_id))
    words = _("%(name)s takes part again as before, without an interruption.")
    if membership.ended_before:
        words = _("%(name)s takes part again as before, until %(day)s.")
    values = {"name": membership.user.name, "day": in_words(membership.ended_before)}
    return _confirm(
        here,
        title=_("Take back the end?"),
        words=[words % values],
        submit=_("Restore the membership"),
        act=lambda: services.restore_membership(actor=here.actor, membership=membership),
        done=_("The end is taken back."),
        back="people",
    )


# --- invitations ---


@page
def invite_all(here: Here) -> HttpResponse:
    _require(here)
    waiting = invited.people(here.network).filter(invitation_state=Invited.NOT_INVITED).count()
    words = ngettext("One person receives a mail with a link.", "%(n)s people receive a mail with a link each.", waiting) % {"n": waiting}
    return _confirm(
        here,
        title=_("Invite everybody who was not invited yet?"),
        words=[words, _("The links are valid for thirty days. The mails leave in the background.")],
        submit=_("Send the invitations"),
        busy=_("Sending…"),
        act=lambda: _send(here, invitations.invite_all),
    )


@page
def resend_all(here: Here) -> HttpResponse:
    _require(here)
    waiting = len(invitations.to_resend(here.network))
    words = ngettext("One person receives a mail again.", "%(n)s people receive a mail again.", waiting) % {"n": waiting}
    return _confirm(
        here,
        title=_("Send the invitation again to all who have not accepted?"),
        words=[words, _("Nobody receives two on the same day. The former links end.")],
        submit=_("Send them again"),
        busy=_("Sending…"),
        act=lambda: _send(here, invitations.resend_all),
    )


def _send(here: Here, service: Callable[..., Sized]) -> None:
    _say_sent(here, len(service(actor=here.actor, network=here.network, meeting=next_meeting_as_fact(here.network))))


def _say_sent(here: Here, count: int) -> None:
    text = ngettext("One invitation is on its way.", "%(n)s invitations are on their way.", count) % {"n": count}
    messages.success(here.request, text if count else _("There was nobody to send one to."))


@page
def invite(here: Here, membership_id: UUID) -> HttpResponse:
    """Invites one person, or sends the invitation again."""
    _require(here)
    person = invited.person(here.network, membership_id)
    known = invited.invitations_of([person]).get(person.invitation_id)
    again = known is not None and known.revoked_at is None
    meeting = next_meeting_as_fact(here.network)

    def act() -> None:
        if again and known is not None:
            invitations.resend(actor=here.actor, invitation=invited.invitation(known.pk), meeting=meeting)
        else:
            invitations.invite(actor=here.actor, network=here.network, memberships=[person], meeting=meeting)

    return _confirm(
        here,
        title=_("Send the invitation again?") if again else _("Send an invitation?"),
        words=[_("A mail with a link goes to %(address)s. The link is valid for thirty days.") % {"address": person.user.email}],
        submit=_("Send"),
        act=act,
        done=_("The invitation is on its way."),
    )


@page
def revoke(here: Here, membership_id: UUID) -> HttpResponse:
    _require(here)
    person = invited.person(here.network, membership_id)
    known = invited.invitation(person.invitation_id) if person.invitation_id else None
    return _confirm(
        here,
        title=_("Take back the invitation?"),
        words=[_("The link in the mail ends at once. The membership stays: to end it too, choose “End the membership”.")],
        submit=_("Take back the invitation"),
        act=lambda: known and invitations.revoke(actor=here.actor, invitation=known),
        done=_("The invitation is taken back."),
    )


@page
def address(here: Here, membership_id: UUID) -> HttpResponse:
    """Corrects the address of somebody who has not shown yet that it is theirs; an open invitation goes there at once."""
    _require(here)
    membership = here.own(selectors.membership(membership_id))
    form = AddressForm(here.posted, initial={"email": membership.user.email})
    meeting = next_meeting_as_fact(here.network)
    return here.form(
        form,
        "network/address.html",
        {"membership": membership, "may": people.may_correct_address(membership.user, here.network)},
        save=lambda: invitations.correct_address(
            actor=here.actor, network=here.network, user=membership.user, meeting=meeting, **form.values()
        ),
        done=_("The address is corrected. An open invitation goes there."),
        to=here.url("people"),
    )


def _confirm(
    here: Here,
    *,
    title: str,
    words: list[str],
    submit: str,
    act: Callable[[], object],
    done: str = "",
    back: str = "people",
    busy: str = "",
) -> HttpResponse:
    """Asks in words, then does it; `busy`: what the button says meanwhile, of what sends mails that are then followed."""
    form: ActionForm = ButtonForm(here.posted)
    shown = {"title": title, "words": words, "submit": submit, "busy": busy, "back": here.url(back), "safe": True}
    return here.form(form, "confirm.html", shown, save=act, done=done, to=here.url(back) + ("?sending=1" if busy else ""))
