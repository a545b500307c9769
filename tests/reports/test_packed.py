"""Bytes packed as text come back, and in the text there is nothing that a page could take for markup."""

from __future__ import annotations

import base64
import random
import zlib

import pytest

from reports.packed import packed

MARKUP = str.maketrans(".,", "<&")


@pytest.mark.parametrize(
    "parts", [(), (b"",), (b"</script>",), (bytes(range(256)), b"", random.Random(1).randbytes(999))]
)
def test_bytes_come_back(parts):
    text = packed(*parts)
    assert not set("<&/\"'\\") & set(text) and text.isascii() and " " not in text
    assert zlib.decompress(base64.b85decode(text.translate(MARKUP))) == b"".join(parts)
