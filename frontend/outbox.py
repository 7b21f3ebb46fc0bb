"""Answers for forms that the outbox of the live room sends (docs/adr/0022-the-rooms-islands.md)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

Handler = Callable[[HttpRequest], HttpResponse]
HEADER = "X-Outbox"


class OutboxAnswers:
    """A POST with `X-Outbox: <user id>` is answered with where to go on, as JSON, instead of being sent there, and only for that user:
    401 when nobody or somebody else is signed in by now. The header comes back, so that no proxy's page is taken for an answer.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sender = request.headers.get(HEADER)
        if sender is None or request.method != "POST":
            return self.get_response(request)
        answer = self._answer(request, sender)
        answer[HEADER] = "1"
        return answer

    def _answer(self, request: HttpRequest, sender: str) -> HttpResponse:
        if not request.user.is_authenticated or str(request.user.pk) != sender:
            return JsonResponse({"code": "not_you"}, status=401)
        answer = self.get_response(request)
        if answer.status_code != 303:
            return answer
        there = JsonResponse({"to": answer["Location"]})
        there.cookies = answer.cookies
        return there
