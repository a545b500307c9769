"""The table of answers, as it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from statistics import median

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.peers import Peer
from harness.peers.asked import Asked
from reports.wording import NOTHING

WRONG = ("false green", "false alarm")


def show(asked: Sequence[Asked], peers: Sequence[Peer], to: Console) -> None:
    """Print the answers, how many are wrong, the times, and what each column is."""
    names = [peer.name for peer in peers]
    _print(_answers(asked, names), to)
    _print(_times(asked, names), to)
    to.print("Time as a multiple of gradproof's for the same question in the same run, imports not counted.\n")
    calls = _grid("column", "what was called")
    for peer in peers:
        calls.add_row(peer.name.replace("\n", " "), peer.call)
    _print(calls, to)
    packages = dict.fromkeys(peer.package for peer in peers)
    to.print(f"expected: torch.autograd in float64. Versions: {', '.join(f'{p} {version(p)}' for p in packages)}.")


def cell(asked: Asked, peer: str) -> str:
    """What a peer answered: its word, or that it is wrong."""
    if peer not in asked.answers:
        return NOTHING
    answer = asked.answers[peer]
    word = asked.wrong(peer) or answer.word or _word(answer.passes)
    return f"{word}, {answer.note}" if answer.note else word


def _word(passes: bool) -> str:
    return "pass" if passes else "fail"


def _answers(asked: Sequence[Asked], names: Sequence[str]) -> Table:
    grid = _grid("claimed gradient", "network", "should", *names)
    for one in asked:
        question = one.question
        cells = [cell(one, name) for name in names]
        texts = [Text(text, "bold red" if text.startswith(WRONG) else "") for text in cells]
        dtype = "" if question.case.dtype == "float64" else f" {question.case.dtype}"
        grid.add_row(question.claim, question.network + dtype, _word(question.correct), *texts)
    for word in WRONG:
        counts = (sum(one.wrong(name) == word for one in asked if name in one.answers) for name in names)
        grid.add_row(f"{word}s", "", "", *map(str, counts))
    return grid


def _times(asked: Sequence[Asked], names: Sequence[str]) -> Table:
    grid = _grid("time", *names)
    ratios = [[one.ratio(name) for one in asked if name in one.answers] for name in names]
    for title, of in (("median", median), ("least", min), ("most", max)):
        grid.add_row(title, *(f"{of(its):.2g}" if its else NOTHING for its in ratios))
    return grid


def _grid(*headers: str) -> Table:
    return Table(*headers, box=None, pad_edge=False)


def _print(grid: Table, to: Console) -> None:
    to.print(grid)
    to.print()
