"""Privacy: the notice that everybody may read, a person's own data and their wish to be erased, and the office's side of both."""

from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms.base import ButtonForm
from frontend.forms.privacy import DeclineForm, PolicyForm, RequestForm, initial
from frontend.views.base import Here, Visit, page, private, signed_in
from frontend.views.go import language_of, reverse_in
from meetings.access import Permission, require
from meetings.network.models import Network, User
from meetings.network.selectors import networks_of
from meetings.privacy import retention, selectors, services
from meetings.privacy.export import SECTIONS, data_of
from meetings.privacy.forgetting import preview
from meetings.privacy.identity import Identity
from meetings.privacy.models import ErasureRequest, PrivacyPolicy


@require_safe
def notice(request: HttpRequest) -> HttpResponse:
    """Of the installation: its one network's, or what holds for all, with the way to one's own networks'."""
    network = selectors.only_network()
    if network is not None:
        return _shown(request, network, selectors.policy_of(network))
    mine = networks_of(request.user) if isinstance(request.user, User) else ()
    return _shown(request, None, PrivacyPolicy(), mine=mine)


@require_safe
def notice_of(request: HttpRequest, name: str) -> HttpResponse:
    """One network's. Raises NotFound to strangers as long as the network has not said who is responsible."""
    network, policy = selectors.notice_of(name, request.user if isinstance(request.user, User) else None)
    return _shown(request, network, policy)


def _shown(request: HttpRequest, network: Network | None, policy: PrivacyPolicy, **more: Any) -> HttpResponse:
    context = {"about": network if policy.controller or network is None else None, "policy": policy, "kept": retention.KEPT_DAYS, **more}
    return private(render(request, "privacy/notice.html", context))


@require_safe
def go_to_notice(request: HttpRequest) -> HttpResponse:
    """`/go/privacy`, which mails carry."""
    return HttpResponseRedirect(reverse_in(language_of(request), "frontend:privacy"))


@require_safe
def go_to_my_data(request: HttpRequest) -> HttpResponse:
    """`/go/my-data`."""
    return HttpResponseRedirect(reverse_in(language_of(request), "frontend:my_data"))


@require_safe
@signed_in
def my_data(visit: Visit) -> HttpResponse:
    """Which kinds of things are held about the person, the way to all of it, and what they can ask for."""
    return visit.render("privacy/my_data.html", {"sections": SECTIONS, "requests": selectors.open_requests(visit.user)})


@require_safe
@signed_in
def my_data_file(visit: Visit) -> HttpResponse:
    """All of it as a file that programs can read."""
    answer = JsonResponse(data_of(visit.user), encoder=DjangoJSONEncoder, json_dumps_params={"indent": 1, "ensure_ascii": False})
    answer["Cache-Control"] = "no-store"
    answer["Content-Disposition"] = 'attachment; filename="raccordo-my-data.json"'
    return answer


@signed_in
def ask_erasure(visit: Visit) -> HttpResponse:
    """Asks in words, then puts the wish to the person's networks."""
    words = [
        _("Each network in which you have a part is asked to erase what it holds of you, and answers within one month."),
        _("Deleted are name, address, phone, sign-ins, tokens, calendar addresses, reasons given and mails."),
        _("Approved minutes, with your name and office, are public acts and stay; so do your municipality's votes."),
        _("Once it is done you can no longer sign in, and nothing brings your account back. Until then you can withdraw the request."),
    ]
    back = reverse("frontend:my_data")
    shown = {"title": _("Ask to be erased?"), "words": words, "submit": _("Ask to be erased"), "back": back}
    return visit.form(
        ButtonForm(visit.posted),
        "confirm.html",
        shown,
        save=lambda: services.ask_erasure(user=visit.user),
        done=_("Your request has been sent to the office."),
        to=back,
    )


@signed_in
def withdraw_erasure(visit: Visit) -> HttpResponse:
    """Asks in words, then takes it back."""
    words = [_("Everything stays as it is, and the office is no longer asked to erase you.")]
    back = reverse("frontend:my_data")
    shown = {"title": _("Withdraw the request?"), "words": words, "submit": _("Withdraw"), "back": back, "safe": True}
    return visit.form(
        ButtonForm(visit.posted),
        "confirm.html",
        shown,
        save=lambda: services.withdraw_erasure(user=visit.user),
        done=_("The request is withdrawn."),
        to=back,
    )


def _require(here: Here) -> None:
    require(here.actor, Permission.CONFIGURE, network_id=here.network.pk)


@page
def office(here: Here) -> HttpResponse:
    """How long things are kept, what the next run deletes, who has asked to be erased, and the settings."""
    _require(here)
    policy = selectors.policy_of(here.network)
    form = PolicyForm(here.posted, initial=initial(policy), version=policy.version)

    def show(status: int) -> HttpResponse:
        context = {
            "form": form,
            "policy": policy,
            "report": retention.retention(here.network, dry_run=True),
            "requests": selectors.requests_in(here.network),
        }
        return here.render("privacy/office.html", context, status)

    return here.submit(
        form,
        save=lambda: services.change_policy(actor=here.actor, network=here.network, values=form.values(), expected_version=form.version),
        done=_("The settings are saved."),
        to=here.url("privacy_office"),
        show=show,
    )


@page
def record_request(here: Here) -> HttpResponse:
    """A wish that reached the office otherwise."""
    _require(here)
    form = RequestForm(here.posted)
    return here.form(
        form,
        "privacy/record.html",
        save=lambda: services.record_erasure_request(actor=here.actor, network=here.network, email=form.values()["email"]),
        done=_("The request is recorded."),
        to=lambda request: here.url("erasure", request.pk),
    )


@page
def erasure(here: Here, request_id: UUID) -> HttpResponse:
    """What would be deleted and what stays, in words; the button does it."""
    request = selectors.erasure_request(here.actor, request_id)
    context = {"asked": request, "problem": _problem(request), "preview": _preview(request)}
    return here.form(
        ButtonForm(here.posted),
        "privacy/erasure.html",
        context,
        save=lambda: services.carry_out_erasure(actor=here.actor, request=request),
        done=_("The person is erased."),
        to=here.url("privacy_office"),
    )


def _preview(request: ErasureRequest) -> list[tuple[str, int]]:
    return [line for line in preview(Identity.of(request.user)) if line[1]] if request.state == "open" else []


def _problem(request: ErasureRequest) -> str:
    obstacle = services.obstacle_to(request) if request.state == "open" else None
    return obstacle.detail if obstacle else ""


@page
def decline(here: Here, request_id: UUID) -> HttpResponse:
    """With a reason, which the person is sent."""
    request = selectors.erasure_request(here.actor, request_id)
    form = DeclineForm(here.posted)
    return here.form(
        form,
        "privacy/decline.html",
        {"asked": request},
        save=lambda: services.decline_erasure(actor=here.actor, request=request, answer=form.values()["answer"]),
        done=_("The request is declined, and the person is told why."),
        to=here.url("privacy_office"),
    )
