"""The technician's commands; each module is one command and is imported only when it is called."""


class CliError(Exception):
    """A user's mistake, told without a traceback; the command ends with exit status 2."""
