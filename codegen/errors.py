"""The one error of the generator."""

from __future__ import annotations


class GenerationError(Exception):
    """The document, or the machine, does not allow a complete client. Nothing was written.

    Attributes:
        problem: What is wrong.
        advice: What to do about it.
        place: File, line and JSON pointer; empty until `Document.at` adds it, and for errors outside documents.
    """

    def __init__(self, problem: str, advice: str, place: str = "") -> None:
        super().__init__(problem, advice, place)
        self.problem = problem
        self.advice = advice
        self.place = place

    def __str__(self) -> str:
        message = " ".join(f"{self.problem}; {self.advice}".split())  # on one line, whatever the document has in it
        return f"{self.place}: {message}" if self.place else message
