"""What a browser keeps for when there is no line: the worker that keeps it, and the page it shows for what it has not kept."""

from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

WORKER = Path(__file__).resolve().parents[1] / "static" / "raccordo" / "sw.js"


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker. It stands at the root, since it serves what is below its own address."""
    if not WORKER.is_file():
        raise Http404
    response = HttpResponse(WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")
    patch_cache_control(response, no_cache=True)
    return response


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The same for everybody: the worker asks for it without a cookie, keeps it, and puts in which pages it has."""
    return render(request, "offline.html")
