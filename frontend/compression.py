"""Pages leave compressed: with Brotli where the browser takes it, else with gzip."""

import re
import secrets

import brotli
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

SMALLEST = 200
QUALITY = 5
"""Takes as long as gzip does."""
TAKES_BROTLI = re.compile(r"\bbr\b(?!\s*;\s*q=0(?:\.0+)?\s*(?:,|$))")
PADDING = 100


class CompressedPages(GZipMiddleware):
    """HTML and nothing else. That lengths might tell of secrets (BREACH) is seen to: no page shows the same one twice, CSRF tokens, nonces
    and keys are new in each answer, the session's cookie comes with no request that another site makes, and lengths are blurred by
    some random bytes, as Django does it (docs/adr/0025-critical-css-and-offline.md).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = isinstance(response, HttpResponse) and response.get("Content-Type", "").startswith("text/html")
        if not isinstance(response, HttpResponse) or not is_page or "Content-Encoding" in response:
            return response
        if not TAKES_BROTLI.search(request.headers.get("Accept-Encoding", "")) or len(response.content) < SMALLEST:
            return super().process_response(request, response)
        patch_vary_headers(response, ("Accept-Encoding",))
        response.content = brotli.compress(response.content, quality=QUALITY)
        response["Content-Length"] = str(len(response.content))
        response["Content-Encoding"] = "br"
        response["X-Padding"] = secrets.token_hex(PADDING)[: 1 + secrets.randbelow(PADDING)]
        return response
