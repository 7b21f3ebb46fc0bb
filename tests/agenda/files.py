"""Small office files, good and hostile, made by hand."""

import io
import zipfile

from meetings.agenda.file_types import TYPES


def zipped(**parts: bytes) -> bytes:
    """A zip of these parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def office_file(ending: str, **more: bytes) -> bytes:
    """The least that is an office file of this ending."""
    kind = TYPES[ending]
    content = kind.says if kind.part == "mimetype" else b'<Types><Override PartName="/x" ' + kind.says + b"/></Types>"
    return zipped(**{kind.part: content, "content.xml": b"<x/>", **more})
