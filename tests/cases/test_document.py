"""Files that are not case files: bytes, text, TOML, and tables that are no cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from cases.faults import Fault

Block = Callable[..., str]
FaultsOf = Callable[[str | bytes], list[Fault]]

SOUND = b"<a sound block>"


class Example(NamedTuple):
    content: str | bytes
    path: str
    words: tuple[str, ...]


EXAMPLES = {
    # text that is not TOML
    "not-utf-8": Example(b'[[case]]\nname = "\xff"', "line 2, column 9", ("0xff", "UTF-8")),
    "cut-utf-8": Example(b"# \xc3", "line 1, column 3", ("0xc3", "UTF-8")),
    "utf-16": Example("[[case]]".encode("utf-16"), "line 1, column 1", ("UTF-16", "save it as UTF-8")),
    "bom": Example(b"\xef\xbb\xbf" + SOUND, "line 1, column 1", ("byte order mark (BOM)",)),
    "nul": Example(b"# fine\n# \0", "line 2, column 3", ("NUL byte",)),
    "syntax": Example("[[case]]\nname 3\n", "line 2, column 6", ("syntax error", "Expected '='")),
    "syntax-at-end": Example("[[case]]\nname = [1,\n", "line 3, column 1", ("syntax error",)),
    "repeated-key": Example(SOUND + b'name = "again"\n', "line 8, column 15", ("Cannot overwrite a value",)),
    "deep-lists": Example("x = " + "[" * 5000, "", ("nested too deep",)),
    "deep-tables": Example("x = " + "{a=" * 5000, "", ("nested too deep",)),
    "many-digits": Example(f"#\nx = 1{'0' * 5000}", "line 2, column 5", ("an integer of 5001 digits", "float64")),
    # the document
    "empty": Example("", "", ("an empty file", "[[case]]")),
    "only-comments": Example("# later\n", "", ("an empty file", "[[case]]")),
    "no-case": Example("case = []", "", ("no [[case]]",)),
    "case-is-a-table": Example("[case]\nname = 'a'", "case", ("a table", "write [[case]]")),
    "case-is-a-number": Example("case = 3", "case", ("the integer 3", "[[case]] tables")),
    "case-is-no-table": Example("case = [1]", "case[0]", ("the integer 1", "a [[case]] table")),
    "unknown-top-key": Example(b"extra = 1\n" + SOUND, "extra", ("unknown key", "one of case")),
    "near-top-key": Example(b"cases = 1\n" + SOUND, "cases", ("unknown key", 'did you mean "case"?')),
    "lost-case-key": Example(b"tags = []\n" + SOUND, "tags", ("outside of a block", "or [[family]] above it")),
}
"""Files with one fault each; `SOUND` stands for a block without one."""


@pytest.mark.parametrize("name", EXAMPLES)
def test_fault(faults_of: FaultsOf, block: Block, name: str) -> None:
    example = EXAMPLES[name]
    content = example.content
    if isinstance(content, bytes):
        content = content.replace(SOUND, block().encode())
    faults = faults_of(content)
    assert [fault.path for fault in faults] == [example.path], [str(fault) for fault in faults]
    for words in example.words:
        assert words in str(faults[0])
