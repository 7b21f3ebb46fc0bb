"""What every REST view shares: cursor pages, the actor, idempotent writes, and versions."""

from rest_framework.pagination import CursorPagination


class Pages(CursorPagination):
    """`?limit=&cursor=` → `{"results": […], "next": url|null}`."""

    page_size_query_param = "limit"
    max_page_size = 500
    ordering = "id"
