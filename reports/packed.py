"""Bytes as text that a page can hold: compressed by zlib, in base64. `templates/unpack.js` undoes it."""

from __future__ import annotations

import base64
import zlib

from markupsafe import Markup


def packed(*parts: bytes) -> Markup:
    """Pack bytes that follow one another, each part with a code of its own; in base64 there is no markup."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS, 9)
    squeezed = [compressor.compress(part) + compressor.flush(zlib.Z_SYNC_FLUSH) for part in parts]
    return Markup(base64.b64encode(b"".join(squeezed) + compressor.flush()).decode("ascii"))
