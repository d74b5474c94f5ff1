"""Small steps put between processes: they note what a process is shown, and show it something else.

Each has the common signature of an adapter, so that the driver calls it like a process. `at` holds
the offsets of a variable, of the copy that is shown or taken, and of a copy that keeps the real
one, then their size.
"""

from khamsin.compiler import adapter

VARIABLE, COPY, KEPT, SIZE = 0, 1, 2, 3


@adapter
def note(state, parameters, at, stream, days):  # type: ignore[no-untyped-def]
    """Copy the variable as the next process is about to see it."""
    for k in range(at[SIZE]):
        state[at[COPY] + k] = state[at[VARIABLE] + k]


@adapter
def show(state, parameters, at, stream, days):  # type: ignore[no-untyped-def]
    """Put the copy in the variable's place, and keep the real one."""
    for k in range(at[SIZE]):
        state[at[KEPT] + k] = state[at[VARIABLE] + k]
        state[at[VARIABLE] + k] = state[at[COPY] + k]


@adapter
def restore(state, parameters, at, stream, days):  # type: ignore[no-untyped-def]
    """Put the real variable back, with what the process changed in the copy it saw."""
    for k in range(at[SIZE]):
        changed = state[at[VARIABLE] + k] - state[at[COPY] + k]
        real = state[at[KEPT] + k] + changed
        if changed < 0.0 and real < 0.0 and state[at[KEPT] + k] >= 0.0:
            real = 0.0  # it took from the copy what the real one does not have
        state[at[VARIABLE] + k] = real
