"""What a template asks about a meeting's video room."""

from django import template

from meetings.scheduling import video

register = template.Library()
register.filter("has_video_room", video.is_offered)


@register.filter
def dialled(number: str) -> str:
    """A telephone number as `tel:` has it."""
    return "".join(character for character in number if character.isdigit() or character in "+*#")
