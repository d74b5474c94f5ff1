"""Views into a member's buffer for compiled code, free of charge.

A slice in compiled code counts references: about 50 ns each, which for libya-2016 was more than the
processes themselves took. These views borrow: they must not outlive the buffer, and in adapters
they cannot.
"""

from typing import Any

from numba import types
from numba.core.typing.templates import Signature
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array


def _borrow(context: Any, builder: Any, signature: Signature, args: Any, dims: int) -> Any:
    buffer = make_array(signature.args[0])(context, builder, args[0])
    data = builder.gep(buffer.data, [args[1]])
    item = context.get_constant(types.intp, 8)
    shape = list(args[2:])
    strides = [item] if dims == 1 else [builder.mul(args[3], item), item]
    view = make_array(signature.return_type)(context, builder)
    populate_array(view, data=data, shape=shape, strides=strides, itemsize=item, meminfo=None)
    return view._getvalue()


def _view_1d(typing: Any, buffer: Any, offset: Any, size: Any) -> Any:
    """Return `size` numbers of a buffer from `offset` on, as an array that borrows them."""
    return _signature(buffer, 1), _code(1)


def _view_2d(typing: Any, buffer: Any, offset: Any, rows: Any, columns: Any) -> Any:
    """Return a table of rows and columns that borrows the numbers of a buffer from `offset` on."""
    return _signature(buffer, 2), _code(2)


def _sight_1d(typing: Any, buffer: Any, offset: Any, size: Any) -> Any:
    """As `view_1d`, to be read only: code that writes to it is not compiled."""
    return _signature(buffer, 1, readonly=True), _code(1)


def _sight_2d(typing: Any, buffer: Any, offset: Any, rows: Any, columns: Any) -> Any:
    """As `view_2d`, to be read only."""
    return _signature(buffer, 2, readonly=True), _code(2)


def _signature(buffer: Any, dims: int, readonly: bool = False) -> Signature:
    returned = types.Array(buffer.dtype, dims, "C", readonly=readonly)
    found: Signature = returned(buffer, *[types.intp] * (1 + dims))
    return found


def _code(dims: int) -> Any:
    def code(context: Any, builder: Any, signature: Signature, args: Any) -> Any:
        return _borrow(context, builder, signature, args, dims)

    return code


# What they take in compiled code is not what mypy reads off the functions that write the code.
view_1d: Any = intrinsic(_view_1d)
view_2d: Any = intrinsic(_view_2d)
sight_1d: Any = intrinsic(_sight_1d)
sight_2d: Any = intrinsic(_sight_2d)
