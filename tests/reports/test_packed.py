"""Bytes packed as text come back, and in the text there is nothing that a page could take for markup."""

from __future__ import annotations

import base64
import random
import re
import zlib

import pytest

from reports.packed import packed


@pytest.mark.parametrize(
    "parts", [(), (b"",), (b"</script>",), (bytes(range(256)), b"", random.Random(1).randbytes(999))]
)
def test_bytes_come_back(parts):
    text = packed(*parts)
    assert re.fullmatch(r"[A-Za-z0-9+/]*=*", text)
    assert zlib.decompress(base64.b64decode(text)) == b"".join(parts)
