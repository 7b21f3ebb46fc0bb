"""How much one person may ask for: far above any use by hand, low enough that a runaway program disturbs nobody else.

Counted per person and process, never per address: a whole town hall may sit behind one.
"""

from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView

SAFE = ("GET", "HEAD", "OPTIONS")


class Reads(UserRateThrottle):
    scope, rate = "reads", "1200/min"

    def allow_request(self, request: Request, view: APIView) -> bool:
        return request.method not in SAFE or super().allow_request(request, view)


class Writes(UserRateThrottle):
    scope, rate = "writes", "300/min"

    def allow_request(self, request: Request, view: APIView) -> bool:
        return request.method in SAFE or super().allow_request(request, view)


class Secrets(UserRateThrottle):
    """Keys and secret addresses: nobody needs many."""

    scope, rate = "secrets", "30/hour"

    def allow_request(self, request: Request, view: APIView) -> bool:
        return request.method in SAFE or super().allow_request(request, view)
