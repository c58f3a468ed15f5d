"""The two rules for imports within a package: no cycle, and no import from a layer above."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from tests.import_graph import find_cycles

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.import_graph import Import

_CYCLE = (
    "Import cycle. Move what these modules share into a module below them, or pass it in as an argument whose type is "
    "a Protocol:"
)


@attrs.frozen
class Layers:
    """The order of the layers of a package.

    Parts are modules, or packages with all modules below them, without the name of the package; `__init__` is the
    package itself. Where one part contains another, the longer name counts.

    Attributes:
        package: Name of the package.
        lines: The layers, from the bottom to the top. A part may import from lines below its own. Parts of one line do
            not import each other, but the modules of one part do.
        apart: Parts that belong to no layer and import no other part, each with the parts that may import it.
        shared: Parts that parts which stand apart may import, too.
    """

    package: str
    lines: tuple[tuple[str, ...], ...]
    apart: Mapping[str, frozenset[str]] = attrs.field(factory=dict)
    shared: frozenset[str] = frozenset()

    def problems(self, imports: Iterable[Import]) -> list[str]:
        """What breaks the rules, each with its file and line and what to do; empty where nothing does."""
        # How the modules of a part that stands apart import each other is its own matter.
        checked = [item for item in imports if self._part(item.importer) not in self.apart or not self._is_inner(item)]
        upward = [problem for item in checked if (problem := self._check(item))]
        return upward + ["\n  ".join((_CYCLE, *map(str, cycle))) for cycle in find_cycles(checked)]

    def unknown(self, modules: Iterable[str]) -> list[str]:
        """The parts that contain none of the modules: they are left over in the table."""
        parts = {self._part(module) for module in modules}
        return [part for part in (*self._heights(), *self.apart) if part not in parts]

    def _check(self, item: Import) -> str | None:
        importer, imported = self._part(item.importer), self._part(item.imported)
        heights = self._heights()
        for module, part in ((item.importer, importer), (item.imported, imported)):
            if not part:
                return f"{item}, but {module} belongs to no layer: add it to the table of layers."
        if importer == imported:
            return None
        if importer in self.apart:
            if imported in self.shared:
                return None
            return f"{item}, but {importer} stands apart and imports no other part: remove the import."
        if imported in self.apart:
            if importer in self.apart[imported]:
                return None
            allowed = ", ".join(sorted(self.apart[imported]))
            return f"{item}, but {imported} stands apart, and only {allowed} may import it: remove the import."
        if heights[importer] > heights[imported]:
            return None
        where = "beside" if heights[importer] == heights[imported] else "above"
        return (
            f"{item}, but {imported} is {where} {importer} in the order of layers: move what both need to a layer "
            "below them, or pass it in as an argument whose type is a Protocol."
        )

    def _heights(self) -> dict[str, int]:
        return {part: height for height, line in enumerate(self.lines) for part in line}

    def _is_inner(self, item: Import) -> bool:
        return self._part(item.importer) == self._part(item.imported)

    def _part(self, module: str) -> str:
        """The part that a module belongs to; empty where there is none."""
        name = module.removeprefix(self.package).removeprefix(".")
        if not name:
            return "__init__"
        parts = [part for part in (*self._heights(), *self.apart) if f"{name}.".startswith(f"{part}.")]
        return max(parts, key=len, default="")
