"""What each command of the command line does, one file each. `command` returns the exit code."""


class Incomplete(Exception):
    """The run could not be finished: a clear sentence, exit code 3."""


class UserError(Exception):
    """Bad usage, a bad file, or nothing selected: a clear sentence, exit code 2."""


class Interrupted(Exception):
    """Somebody ended the run: a sentence that says what is left of it, and the exit code that tells which signal."""

    def __init__(self, sentence: str, exit_code: int) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code
