"""What each command of the command line does, one file each. `command` returns the exit code."""


class Incomplete(Exception):
    """The run could not be finished: a clear sentence, exit code 3."""


class UserError(Exception):
    """Bad usage, a bad file, or nothing selected: a clear sentence, exit code 2."""
