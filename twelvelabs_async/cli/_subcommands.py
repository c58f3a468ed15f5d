"""A command that takes arguments of its own, and has subcommands as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .._safe_repr import SafeRepr

if TYPE_CHECKING:
    from collections.abc import Callable


class CommandWithSubcommands(SafeRepr, click.Command):
    """A command whose first argument may be the name of a subcommand. Its group is a `Root`.

    Attributes:
        subcommands: The subcommands by name.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.subcommands: dict[str, click.Command] = {}

    def subcommand(self, name: str, **options: Any) -> Callable[[Callable[..., Any]], click.Command]:
        """Make a subcommand of a function."""

        def add(function: Callable[..., Any]) -> click.Command:
            made: click.Command = click.command(name, cls=click.Command, **options)(function)
            self.subcommands[name] = made
            return made

        return add

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands."""
        with formatter.section("Subcommands"):
            formatter.write_dl([(name, made.get_short_help_str(90)) for name, made in self.subcommands.items()])

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class Root(SafeRepr, click.Group):
    """The root command."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments name."""
        name, command, rest = super().resolve_command(ctx, args)
        if isinstance(command, CommandWithSubcommands) and rest and rest[0] in command.subcommands:
            return f"{name} {rest[0]}", command.subcommands[rest[0]], rest[1:]
        return name, command, rest

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"
