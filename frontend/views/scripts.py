"""The same form sent by a script of the page (`script=1`): the same writing, with an answer that the script reads."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse, JsonResponse

from frontend.forms.base import ActionForm
from frontend.views.base import Visit
from meetings.errors import DomainError, StaleVersion
from meetings.events.idempotency import Answer, once


def is_script(visit: Visit, field: str = "script") -> bool:
    """Whether a script of the page sends the form, not its button."""
    return visit.posted is not None and visit.posted.get(field) == "1"


def answered(visit: Visit, form: ActionForm, save: Callable[[], Mapping[str, Any]]) -> HttpResponse:
    """What `save` returns, as JSON; 422 with the errors by field, another refusal with its code, a stale one with what is current."""
    if not form.is_valid():
        detail = " ".join(str(text) for texts in form.errors.values() for text in texts)
        return JsonResponse({"errors": form.errors, "detail": detail}, status=422)

    def act() -> Answer:
        return Answer(200, json.dumps(save(), cls=DjangoJSONEncoder))

    try:
        answer = once(user_id=visit.user.pk, key=form.cleaned_data["idempotency_key"], asked=visit.asked(), act=act)
    except DomainError as error:
        current = {"current": error.current} if isinstance(error, StaleVersion) else {}
        return JsonResponse({"code": error.code, "detail": error.detail, **current}, status=error.status)
    return HttpResponse(answer.text, content_type="application/json")
