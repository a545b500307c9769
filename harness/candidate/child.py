"""The process of a candidate file: answers one request a line over two pipes of its own.

The candidate shares this process and may do anything to it: what is needed after it has run is bound by name
before it is loaded, and whatever else it breaks ends in an answer that the other side cannot read.
"""

from __future__ import annotations

import faulthandler
import os
from json import dumps, loads
from os import _exit, getpid, write
from signal import SIGUSR1, alarm, pause
from typing import Any

from harness.candidate.call import answer
from harness.candidate.module import Unusable, load

LAST = 5
"""Seconds to be ended in."""


def main(arguments: list[str]) -> None:
    """Load a file and answer until the other side hangs up.

    Arguments: its path; the seconds after which this process ends itself, should the other side have died
    without doing so; the descriptors to read requests from and to write answers to.
    """
    path, patience, requests, answers = arguments[0], *map(int, arguments[1:])
    for descriptor in (requests, answers):
        os.set_inheritable(descriptor, False)
    faulthandler.enable()  # says where it was when it dies
    faulthandler.register(SIGUSR1, all_threads=False)  # and where it is when it is asked
    me = getpid()

    def send(message: dict[str, Any]) -> None:
        alarm(0)
        if getpid() != me:  # the candidate has forked: only one of the two may answer
            _exit(0)
        line = memoryview(dumps(message).encode() + b"\n")
        try:
            while line:
                line = line[write(answers, line) :]
        except OSError:  # the candidate has closed the pipe: the other side notices, and ends this process
            alarm(LAST)
            pause()

    alarm(patience)
    try:
        candidate = load(path)
    except Unusable as error:
        send({"unusable": str(error)})
        return
    send({"accumulates": candidate.accumulates})
    with os.fdopen(requests, "rb") as lines:
        for line in lines:
            alarm(patience)
            request = loads(line)
            send({"n": request["n"], **answer(candidate, request)})
