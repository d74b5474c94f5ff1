"""How adapters are compiled, and how compiled code calls them by their address.

Numba's own pipeline, but for two things. The kernel is pasted into its adapter before types are
inferred: compiled apart and linked, each would pass through LLVM twice. And no entry from Python is
made: only the driver calls adapters, through their addresses, so there is nothing to wrap.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from numba import njit, types
from numba.core import cgutils, ir
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.inline_closurecall import inline_closure_call
from numba.core.typing.templates import Signature
from numba.core.untyped_passes import IRProcessing
from numba.extending import intrinsic

SIGNATURE = types.void(
    types.float64[::1], types.float64[::1], types.int64[::1], types.uint64[::1], types.float64
)


@register_pass(mutates_CFG=True, analysis_only=False)
class PasteKernel(FunctionPass):
    """Put the statements of the kernel in the place of the adapter's call of it."""

    _name = "paste_kernel"

    def __init__(self) -> None:
        super().__init__()

    def run_pass(self, state: Any) -> bool:
        """Find the one call of the global name `kernel` and replace it."""
        adapter = state.func_ir
        for block in adapter.blocks.values():
            for position, statement in enumerate(block.body):
                called = getattr(statement, "value", None)
                if not isinstance(called, ir.Expr) or called.op != "call":
                    continue
                named = adapter.get_definition(called.func)
                if isinstance(named, ir.Global) and named.name == "kernel":
                    names = adapter.func_id.func.__globals__
                    inline_closure_call(adapter, names, block, position, named.value.py_func)
                    return True
        return False


class AdapterCompiler(CompilerBase):
    """Numba's pipeline with `PasteKernel` in it."""

    def define_pipelines(self) -> list[Any]:
        """Return the one pipeline."""
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.add_pass_after(PasteKernel, IRProcessing)
        passes.finalize()
        return [passes]


def adapter(function: Callable[..., None], **more: Any) -> "Adapter":
    """Compile an adapter, or load it from the cache beside its file."""
    options: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, **more}
    compile_ = njit(
        SIGNATURE, cache=True, error_model="numpy", pipeline_class=AdapterCompiler, **options
    )
    return Adapter(compile_(function))


def careful_adapter(function: Callable[..., None]) -> "Adapter":
    """As `adapter`; an index beyond an array is an IndexError, not a write into other memory."""
    return adapter(function, boundscheck=True)


@dataclass(frozen=True)
class Adapter:
    """A compiled adapter; the code lives as long as this does."""

    compiled: Any

    @property
    def address(self) -> int:
        """Where its machine code lies in memory."""
        result = self.compiled.overloads[SIGNATURE.args]
        return int(result.library.get_pointer_to_function(result.fndesc.llvm_func_name))

    def __call__(self, state: Any, parameters: Any, at: Any, stream: Any, days: float) -> None:
        """Call it from Python, as tests do."""
        _caller()(self.address, state, parameters, at, stream, days)


@intrinsic
def call(
    typing: Any, address: Any, state: Any, parameters: Any, at: Any, stream: Any, days: Any
) -> Any:
    """Call the adapter that lies at an address; what it raises is passed on."""

    def code(context: Any, builder: Any, signature: Signature, args: Any) -> Any:
        convention = context.call_conv
        pointer = convention.get_function_type(types.none, SIGNATURE.args).as_pointer()
        function = builder.inttoptr(args[0], pointer)
        status, _ = convention.call_function(
            builder, function, types.none, SIGNATURE.args, args[1:]
        )
        with cgutils.if_unlikely(builder, status.is_error):
            convention.return_status_propagate(builder, status)
        return context.get_dummy_value()

    return types.void(types.int64, *SIGNATURE.args), code


@cache
def _caller() -> Callable[..., None]:
    @njit(types.void(types.int64, *SIGNATURE.args))
    def caller(address, state, parameters, at, stream, days):  # type: ignore[no-untyped-def]
        call(address, state, parameters, at, stream, days)  # type: ignore[call-arg]

    compiled: Callable[..., None] = caller
    return compiled
