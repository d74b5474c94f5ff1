"""Starting values: constants, priors, and tables with a row an element."""

from collections.abc import Mapping
from datetime import date

from khamsin.errors import nearest
from khamsin.model.amounts import Amount
from khamsin.model.context import Context, table_of
from khamsin.model.parts import Constant, Drawn, FromTable, StartingValue, StartRow
from khamsin.model.schema import SourcedPrior, TableStart
from khamsin.model.tables import Sheet, check_ids, no_number, outside, read_day, read_number
from khamsin.model.vocabulary import Variable
from khamsin.priors import Fixed, Prior, SplitLogNormal
from khamsin.units import UnitError, factor

Entry = Amount | SourcedPrior | TableStart


def read_state(context: Context) -> dict[str, StartingValue]:
    """Read the starting values of all variables under `state:`."""
    return _values(context, ("state",), context.entry.state)


def read_earlier(context: Context) -> dict[date, dict[str, StartingValue]]:
    """Read the states of days before the origin, each in place of some values under `state:`."""
    found = {}
    for text, entries in context.entry.earlier.items():
        day, time = read_day(text), context.time
        if day is None or not time.start <= day < time.origin:
            what = (
                f"earlier: {text[:40]} must be a day from {time.start} on and before the origin "
                f"{time.origin}"
            )
            context.fault(("earlier", text), what)
            continue
        for name in entries:
            if name not in context.entry.state:
                what = f"earlier: {name} has no starting value under `state:` to stand in for"
                hint = nearest(name, context.entry.state)
                context.fault(("earlier", text, name), what, hint)
        found[day] = _values(context, ("earlier", text), entries)
    return found


def _values(
    context: Context, section: tuple[str, ...], entries: Mapping[str, Entry]
) -> dict[str, StartingValue]:
    found: dict[str, StartingValue] = {}
    for name, entry in entries.items():
        keys = (*section, name)
        if name in context.excused:
            continue
        variable = context.variables.get(name)
        if variable is None:
            context.fault(
                keys, f"state: there is no variable {name}", nearest(name, context.variables)
            )
            continue
        if variable.kind == "flow":
            context.fault(keys, f"state: {name} is a flow: it starts each step from zero")
            continue
        if missing := [d for d in variable.dims if table_of(d) not in context.tables]:
            if not context.broken & {table_of(d) for d in missing}:
                table = table_of(missing[0])
                what = (
                    f"state: {name} runs over {missing[0]}, but the model has no table of {table}s"
                )
                context.fault(keys, what)
            continue
        start = _start(context, variable, entry, keys)
        if start is not None:
            found[name] = start
    return found


def _start(
    context: Context, variable: Variable, entry: Entry, keys: tuple[str, ...]
) -> StartingValue | None:
    if isinstance(entry, TableStart):
        return _Reader(context, variable, entry, keys).read()
    file, line = context.document.file, context.document.line(*keys)
    prior = read_prior_in_unit(context, variable, entry, file, line)
    if isinstance(entry, SourcedPrior):
        context.check_source(file, line, entry.source, f"state.{variable.name}")
    if prior is None:
        return None
    if isinstance(prior, Fixed) and isinstance(entry, Amount):
        return Constant(prior.value)
    assert isinstance(entry, SourcedPrior)
    return Drawn(prior, entry.source, entry.known_on or context.time.origin)


def read_prior_in_unit(
    context: Context, variable: Variable, value: Amount | SourcedPrior, file: str, line: int | None
) -> Prior | None:
    """Read a prior for a variable, in its unit and within its bounds; None after adding faults."""
    found = context.read_prior(value, file, line, variable.name)
    prior = context.in_unit_of(variable, found, file, line) if found else None
    if prior is not None:
        context.check_bounds(variable, prior, file, line)
    return prior


class _Reader:
    """Reads the rows of one table of starting values."""

    def __init__(
        self, context: Context, variable: Variable, entry: TableStart, keys: tuple[str, ...]
    ) -> None:
        self.context = context
        self.variable = variable
        self.entry = entry
        self.keys = keys
        self.scale = 1.0

    def fault(self, key: str, what: str, suggestion: str | None = None) -> None:
        self.context.fault((*self.keys, key), f"state.{self.variable.name}: {what}", suggestion)

    def read(self) -> FromTable | None:
        self._check_options()
        where = f"state.{self.variable.name}"
        sheet = self.context.sheet(self.entry.file, (*self.keys, "file"), where)
        if sheet is None:
            return None
        indices = self._indices(sheet)
        between = self.entry.between or []
        missing = [c for c in (self.entry.column, *between) if c not in sheet.columns]
        for column in missing:
            key = "between" if column in between else "column"
            what = f"{self.entry.file} has no column {column}"
            self.fault(key, what, nearest(column, sheet.columns))
        if indices is None or missing:
            return None
        rows = self._rows(sheet, indices)
        garrison = self._garrison()
        return FromTable(
            rows,
            self.entry.remainder,
            garrison,
            self.entry.symmetric,
            self.entry.garrison.source if self.entry.garrison else None,
            self.entry.file,
            self.entry.column,
        )

    def _check_options(self) -> None:
        variable, entry = self.variable, self.entry
        if entry.unit is not None:
            try:
                self.scale = factor(entry.unit, variable.unit)
            except UnitError as error:
                self.fault("unit", error.what, error.suggestion)
        if entry.symmetric and variable.dims[-1:] != ("other",):
            self.fault("symmetric", "only a variable over (actor other) can be symmetric")
        if entry.between and variable.bounds[1] < float("inf"):
            most = f"{variable.bounds[1]:g}"
            self.fault(
                "between", f"a range has no upper end, but {variable.name} is at most {most}"
            )
        if entry.between and variable.index_of:
            self.fault("between", f"{variable.name} holds ids, which have no range")
        if entry.garrison and variable.dims != ("place", "actor"):
            self.fault("garrison", "only a variable over (place actor) can have garrisons")
        if entry.remainder is None or entry.remainder in self.context.excused:
            return
        other = self.context.variables.get(entry.remainder)
        if other is None:
            valid = self.context.variables
            what = f"there is no variable {entry.remainder}"
            self.fault("remainder", what, nearest(entry.remainder, valid))
        elif variable.dims[:1] != ("place",) or other.dims != variable.dims[1:]:
            dims = " ".join(variable.dims[1:])
            self.fault("remainder", f"{entry.remainder} must have the dims ({dims})")
        elif (other.unit, other.kind) != (variable.unit, "stock"):
            self.fault("remainder", f"{entry.remainder} must be a stock in {variable.unit}")

    def _indices(self, sheet: Sheet) -> list[tuple[str, ...]] | None:
        """Return the ids of each row, one a dim of the variable."""
        dims = self.variable.dims
        if len(dims) == 1 and self._is_own(sheet):
            return [(id,) for id in self.context.tables[table_of(dims[0])].ids]
        if not dims:
            self.fault("file", f"{self.variable.name} is a single number: write it here")
            return None
        self.context.check_foreign_ids(sheet, total=True)
        # a column `link` holds directed ids (A-B:ab); a column `route` stands for both directions
        directed = "link" in sheet.columns
        if directed and "link" in dims:
            check_ids(sheet, "link", self._ids("link", sheet), "link", self.context.faults)
        columns = ["route" if dim == "link" and not directed else dim for dim in dims]
        missing = [column for column in columns if column not in sheet.columns]
        for column in missing:
            dims_text = " ".join(dims)
            what = (
                f"the column {column} is missing: {self.variable.name} has the dims ({dims_text})"
            )
            self.context.faults.add(sheet.file, 1, what, nearest(column, sheet.columns))
        if missing:
            return None
        return list(zip(*(sheet.columns[column] for column in columns), strict=True))

    def _is_own(self, sheet: Sheet) -> bool:
        """Say whether the sheet is the table of the variable's first dim."""
        return self.context.tables[table_of(self.variable.dims[0])].file == sheet.file

    def _rows(self, sheet: Sheet, indices: list[tuple[str, ...]]) -> list[StartRow]:
        rows: list[StartRow] = []
        first: dict[tuple[str, ...], int] = {}
        own = len(self.variable.dims) == 1 and self._is_own(sheet)  # its ids are checked already
        ids = [set(self._ids(dim, sheet)) for dim in self.variable.dims]
        for i, (index, line) in enumerate(zip(indices, sheet.lines, strict=True)):
            prior = self._prior(sheet, i)
            total = index[0].startswith("*") and self.variable.dims[0] == "place"
            if not self._good_index(sheet, index, total, line, ids):
                continue
            mirrored = index[::-1] if self.entry.symmetric else index
            if (index in first or mirrored in first) and not own:
                before = first.get(index) or first[mirrored]
                what = f"{' '.join(index)} is here twice (first in line {before})"
                self.context.faults.add(sheet.file, line, what)
                continue
            first[index] = line
            if prior is None:
                continue
            source = sheet.columns.get("source", [""] * len(sheet))[i]
            known_on = self._known_on(sheet, i)
            both = "link" not in sheet.columns
            for each in [index[1:]] if total else self._both_ways(index) if both else [index]:
                rows.append(StartRow(each, prior, total, source, known_on, line))
        return rows

    def _ids(self, dim: str, sheet: Sheet) -> list[str]:
        ids = self.context.tables[table_of(dim)].ids
        if dim == "link" and "link" in sheet.columns:
            return [f"{route}:{way}" for route in ids for way in ("ab", "ba")]
        return ids

    def _both_ways(self, index: tuple[str, ...]) -> list[tuple[str, ...]]:
        """Return the row's index; of a route, those of its links in both directions."""
        if "link" not in self.variable.dims:
            return [index]
        at = self.variable.dims.index("link")
        return [(*index[:at], f"{index[at]}:{way}", *index[at + 1 :]) for way in ("ab", "ba")]

    def _good_index(
        self, sheet: Sheet, index: tuple[str, ...], total: bool, line: int, ids: list[set[str]]
    ) -> bool:
        for dim, id in zip(self.variable.dims, index, strict=True):
            if not id:
                self.context.faults.add(sheet.file, line, f"the {dim} is missing")
                return False
        if total and self.entry.remainder is None:
            what = f"{index[0]} is a national row: state.{self.variable.name} must name a remainder"
            self.context.faults.add(sheet.file, line, what)
            return False
        # what is in no table has been reported with the sheet
        known = [id in valid for id, valid in zip(index, ids, strict=True)]
        return all(known[1:] if total else known)

    def _known_on(self, sheet: Sheet, i: int) -> date:
        text = sheet.columns["known_on"][i] if "known_on" in sheet.columns else ""
        return read_day(text) or self.context.time.origin

    def _prior(self, sheet: Sheet, i: int) -> Prior | None:
        line = sheet.lines[i]
        text = sheet.columns[self.entry.column][i]
        if self.variable.index_of:
            return self._position(sheet.file, line, text)
        columns = [self.entry.column]
        if self.entry.between:
            columns = [self.entry.between[0], self.entry.column, self.entry.between[1]]
        numbers = [self._number(sheet, i, column) for column in columns]
        if any(number is None for number in numbers):
            return None
        scaled = [number * self.scale for number in numbers if number is not None]
        if len(scaled) == 1:
            return Fixed(scaled[0])
        try:
            spread = SplitLogNormal(*scaled)
        except ValueError as error:
            names = ", ".join(columns)
            self.context.faults.add(sheet.file, line, f"{names}: {error}")
            return None
        return Fixed(spread.best) if spread.low == spread.high else spread

    def _number(self, sheet: Sheet, i: int, column: str) -> float | None:
        text, line = sheet.columns[column][i], sheet.lines[i]
        number = read_number(text)
        if number is None:
            what = no_number(text) if text else "the number is missing"
            self.context.faults.add(sheet.file, line, f"{column}: {what}")
            return None
        low, high = self.variable.bounds
        if not low <= number * self.scale <= high:
            what = outside(text, number * self.scale, low, high)
            self.context.faults.add(sheet.file, line, f"{column}: {what}")
            return None
        return number

    def _position(self, file: str, line: int, text: str) -> Prior | None:
        table = self.context.tables.get(self.variable.index_of or "")
        if not text:
            return Fixed(-1.0)
        if table is None:
            return None
        if text not in table.ids:
            what = f"{self.entry.column}: there is no {table.name} {text}"
            self.context.faults.unknown(file, line, what, text, table.ids)
            return None
        return Fixed(float(table.index(text)))

    def _garrison(self) -> Prior | None:
        if self.entry.garrison is None:
            return None
        file, line = self.context.document.file, self.context.document.line(*self.keys, "garrison")
        self.context.check_source(
            file, line, self.entry.garrison.source, f"state.{self.variable.name}.garrison"
        )
        return read_prior_in_unit(self.context, self.variable, self.entry.garrison, file, line)
