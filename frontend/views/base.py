"""What every page shares: who asks, in which network, and how a form becomes a service call.

    @page
    def edit(here: Here, item_id: UUID) -> HttpResponse:
        item = agenda.item(here.actor, item_id)
        form = ItemForm(here.posted, initial=…, version=item.version)
        return here.form(
            form, "agenda_items/form.html", {"item": item},
            save=lambda: services.edit(actor=here.actor, item=item, values=form.values(), expected_version=form.version),
            done=_("Saved."), to=here.url("item", item.pk),
        )

The middleware DomainErrors turns NotFound and NotAllowed into their pages. A page without a form adds `@require_safe` above `@page`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from frontend.forms.base import ActionForm
from frontend.typed import keep
from meetings.access import Actor, Permission, can
from meetings.errors import Conflict, DomainError, Invalid, NotFound, StaleVersion
from meetings.events.idempotency import Answer, fingerprint, once
from meetings.network.models import Network, User
from meetings.network.selectors import acting_in
from meetings.scheduling import selectors as scheduling
from meetings.scheduling.models import Meeting

Save = Callable[[], object]
Show = Callable[[int], HttpResponse]
To = str | Callable[[Any], str]
NOT_ASKED = ("csrfmiddlewaretoken", "idempotency_key")
METHODS = ["GET", "HEAD", "POST"]
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in person asking for a page."""

    request: HttpRequest
    user: User

    @property
    def is_post(self) -> bool:
        return self.request.method == "POST"

    @property
    def posted(self) -> QueryDict | None:
        """The form as it was sent; None when it is only asked for."""
        return self.request.POST if self.is_post else None

    def render(self, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
        return render(self.request, template, dict(context), status=status)

    def form(
        self, form: ActionForm, template: str, context: Mapping[str, Any] | None = None, *, save: Save, done: str, to: To
    ) -> HttpResponse:
        """A page that is one form: shown for a GET, saved for a POST."""
        return self.submit(form, save=save, done=done, to=to, show=lambda s: self.render(template, {**(context or {}), "form": form}, s))

    def submit(self, form: ActionForm, *, save: Save, done: str, to: To, show: Show) -> HttpResponse:
        """Saves a valid POST once and goes on to `to` (an address, or a function of what `save` returned) with the message `done`.

        Otherwise shows the page that holds the form: 200 for a GET, 422 for wrong input, 409 when the state forbids it, 412 with
        both texts when somebody has saved meanwhile; always with everything that was typed.
        """
        if not self.is_post:
            return show(200)
        if not form.is_valid():
            form.renew()
            return show(422)
        try:
            key = form.cleaned_data["idempotency_key"]
            answer = once(user_id=self.user.pk, key=key, asked=self.asked(form), act=lambda: _answer(save, to))
        except (Invalid, Conflict, StaleVersion) as error:
            return self._refused(form, error, show)
        if done:
            messages.success(self.request, done)
        return see_other(answer.text)

    def _refused(self, form: ActionForm, error: DomainError, show: Show) -> HttpResponse:
        form.refuse(error)
        form.renew()
        return show(error.status)

    def asked(self, form: ActionForm | None = None) -> str:
        """A digest of the request (but of what the form may not keep), to tell a second sending from another request under the same key."""
        left_out = (*NOT_ASKED, *(form.unkept if form else ()))
        fields = [f"{name}={value}" for name, values in sorted(self.request.POST.lists()) if name not in left_out for value in values]
        files = [_digest(file) for _name, file in sorted(self.request.FILES.items()) if isinstance(file, UploadedFile)]
        return fingerprint(self.request.path, *fields, *files)


@dataclass(frozen=True, slots=True)
class Here(Visit):
    """A signed-in person asking for a page of one of their networks."""

    network: Network
    actor: Actor

    def may(self, permission: Permission) -> bool:
        """Whether the person holds the permission in the whole network."""
        return can(self.actor, permission)

    def url(self, name: str, *args: object) -> str:
        """The address of a page of this network, in the language of this one."""
        return reverse(f"frontend:{name}", args=[self.network.slug, *args])

    def meeting(self, meeting_id: UUID) -> Meeting:
        """A meeting of this network. Raises NotFound."""
        return self.own(scheduling.meeting(meeting_id))

    def own(self, row: Row) -> Row:
        """The row, when it is this network's. Raises NotFound."""
        if getattr(row, "network_id", None) != self.network.pk:
            raise NotFound("not_found", _("There is nothing here."))
        return row


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """And back, once signed in: to the page, or to the one with the form that was sent, whose text the sign-in page shows."""
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path())
    if ratelimit.consume(request, action="login"):  # what nobody has signed for is kept in moderation
        keep(request)
    return redirect_to_login(_page_of_form(request))


def _page_of_form(request: HttpRequest) -> str:
    """Where the form stood, as the browser says, when that is a page of ours; else the address that took it."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    ours = (came_from.scheme, came_from.netloc) == (request.scheme, request.get_host()) and came_from.path.startswith("/")
    return urlunsplit(("", "", came_from.path, came_from.query, "")) if ours else request.get_full_path()


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of no network: `view(visit, …)`. Strangers go to the sign-in and come back."""

    @wraps(view)
    @require_http_methods(METHODS)
    def asked(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not isinstance(request.user, User):
            return to_sign_in(request)
        return private(view(Visit(request, request.user), **kwargs))

    return asked


def page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of a network, addressed by its slug: `view(here, …)`. A network one has no part in does not exist (404)."""

    @wraps(view)
    @require_http_methods(METHODS)
    def asked(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
        if not isinstance(request.user, User):
            return to_sign_in(request)
        network, actor = acting_in(request.user, slug)
        here = Here(request, request.user, network, actor)
        request.here = here  # type: ignore[attr-defined]  # for frontend.context, which makes the navigation of it
        with timezone.override(network.zone):
            return private(view(here, **kwargs))

    return asked


def private(response: HttpResponse) -> HttpResponse:
    """Kept by no shared cache, and asked for again each time."""
    patch_cache_control(response, private=True, no_cache=True)
    return response


def see_other(url: str) -> HttpResponseRedirect:
    """After a POST: GET that page."""
    return HttpResponseRedirect(url, status=303)


def page_of(visit: Visit, rows: "QuerySet[Any]", size: int = 20) -> "Page[Any]":
    """One page of a list, by `?page=`; a number that makes no sense gives the nearest page that exists."""
    return Paginator(rows, size).get_page(visit.request.GET.get("page"))


def _answer(save: Save, to: To) -> Answer:
    saved = save()
    return Answer(303, to if isinstance(to, str) else to(saved))


def _digest(file: "UploadedFile[Any]") -> str:
    whole = sha256()
    for piece in file.chunks():
        whole.update(piece)
    file.seek(0)
    return whole.hexdigest()
