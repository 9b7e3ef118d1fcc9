"""The one exception that carries an API failure to a command line's exit code or an HTTP answer."""

from __future__ import annotations


class ApiError(Exception):
    """A refused or failed API call.

    `code` is the HTTP status. `errno` is the exit code a command line ends with (0 means 255), as Perl's die does.
    `where` is the source position that the real tools append on the command line only.
    """

    def __init__(
        self,
        code: int,
        message: str,
        errors: dict[str, str] | None = None,
        errno: int = 0,
        where: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.errors = errors or {}
        self.errno = errno
        self.where = where

    def text(self) -> str:
        """The error as a command line prints it."""
        prefix = "" if self.code == 500 else f"{self.code} "
        lines = [prefix + self.message.rstrip("\n") + self.where]
        lines += [f"{name}: {reason}" for name, reason in sorted(self.errors.items())]
        return "\n".join(lines)

    def exit_code(self) -> int:
        return self.errno or 255


def parameter_error(errors: dict[str, str], errno: int = 0) -> ApiError:
    """The answer to parameters that do not fit the schema."""
    return ApiError(400, "Parameter verification failed.", errors, errno)
