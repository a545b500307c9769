"""Bytes as text that a page can hold: compressed, five characters for four bytes. `templates/unpack.js` undoes it."""

from __future__ import annotations

import base64
import zlib

from markupsafe import Markup

SAFE = bytes.maketrans(b"<&", b".,")
"""Of the digits of base 85 (RFC 1924), those that are markup, and what stands for them."""


def packed(*parts: bytes) -> Markup:
    """Pack bytes that follow one another, each part with a code of its own; in what comes of it is no markup."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS, 9)
    squeezed = [compressor.compress(part) + compressor.flush(zlib.Z_SYNC_FLUSH) for part in parts]
    return Markup(base64.b85encode(b"".join(squeezed) + compressor.flush()).translate(SAFE).decode("ascii"))
