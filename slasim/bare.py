"""Arrays of int64 as the innermost loops see them: the bare memory, without the questions that a numpy array is asked.

For ``a[i]`` compiled code asks whether i counts from the end, and for ``a[i, k]`` it reads the width and multiplies.
``bare(a)`` is the same memory for compiled code: indices count from the start and are not checked, and
``rows(a, 16, None)`` knows its width when it is compiled. Neither owns the memory: the array has to outlive it.
``a[i]``, ``a[i, k]``, ``a[:, 3]``, ``a.size`` and ``a.shape`` mean what they mean in numpy. Under NUMBA_BOUNDSCHECK=1,
with a cache of its own, every index is checked.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import config as _config
from numba import extending as _extending
from numba.core import cgutils as _cgutils
from numba.core import types as _types
from numba.core.typing import templates as _templates

from slasim.arrays import Ints, NDArray

# numba says nothing of its own types.
cgutils: Any = _cgutils
config: Any = _config
extending: Any = _extending
templates: Any = _templates
types: Any = _types
says: Any = templates.signature

WORD = 8
"""Bytes of an item."""

MOST = 3
"""Dimensions."""


class Bare(types.Type):
    """``width``: items of a row where that is known (0: it is read). ``step``: items from one to the next of a
    column (0: the size beyond its own says so)."""

    def __init__(self, ndim: int, width: int = 0, step: int = 1):
        self.ndim, self.width, self.step = ndim, width, step
        super().__init__(name=f"bare({ndim}, {width}, {step})")


@extending.register_model(Bare)
class BareModel(extending.models.StructModel):
    """Where it begins, and how far it goes in each dimension."""

    def __init__(self, dmm: Any, fe_type: Bare):
        sizes = [(f"size{k}", types.intp) for k in range(MOST)]
        super().__init__(dmm, fe_type, [("data", types.CPointer(types.int64)), *sizes])


for _k in range(MOST):
    extending.make_attribute_wrapper(Bare, f"size{_k}", f"size{_k}")


extending.make_attribute_wrapper(Bare, "size0", "size")  # of one dimension


# Not inlined by numba: where it inlines anything, it also drops what is written into a member of a tuple and not read.
@extending.overload_attribute(Bare, "shape")
def _shape(a: Any) -> Any:
    def one(a: Any) -> Any:
        return (a.size0,)

    def two(a: Any) -> Any:
        return (a.size0, a.size1)

    def three(a: Any) -> Any:
        return (a.size0, a.size1, a.size2)

    return (one, two, three)[a.ndim - 1]


def _of_array(a: Any, width: int = 0) -> Any:
    kind = Bare(a.ndim, width)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        array = context.make_array(sig.args[0])(context, builder, args[0])
        sizes = cgutils.unpack_tuple(builder, array.shape, a.ndim)
        if width:
            sizes[-1] = context.get_constant(types.intp, width)
        return _made(context, builder, kind, array.data, sizes)

    return kind, codegen


def _bare(typingctx: Any, a: Any) -> Any:
    """The memory of a contiguous int64 array of one to three dimensions."""
    kind, codegen = _of_array(a)
    return says(kind, a), codegen


def _rows(typingctx: Any, a: Any, width: Any, wider: Any) -> Any:
    """The memory of a contiguous int64 array (..., width), its width known when it is compiled; not if ``wider``."""
    kind, codegen = _of_array(a, width.literal_value if isinstance(wider, types.NoneType) else 0)
    return says(kind, a, width, wider), codegen


def _only_if(typingctx: Any, some: Any, a: Any) -> Any:
    """``a``, or None if ``some`` is None: what is made for None leaves it out."""
    kind = types.none if isinstance(some, types.NoneType) else a

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return context.get_dummy_value() if kind == types.none else args[1]

    return says(kind, some, a), codegen


def _made(context: Any, builder: Any, kind: Bare, data: Any, sizes: Any) -> Any:
    made = cgutils.create_struct_proxy(kind)(context, builder)
    made.data = builder.bitcast(data, context.get_value_type(types.CPointer(types.int64)))
    for k, size in enumerate(sizes):
        setattr(made, f"size{k}", size)
    return made._getvalue()


def _is_column(index: Any) -> bool:
    *before, last = index
    some = bool(before) and isinstance(last, types.Integer)
    return some and all(isinstance(each, types.SliceType) for each in before)


def _of(index: Any) -> Any:
    """What an index asks for, dimension by dimension."""
    return index.types if isinstance(index, types.BaseTuple) else (index,)


def _got(kind: Any, index: Any) -> Any:
    """The type of what stands there; None for what a bare array does not know."""
    if not isinstance(kind, Bare):
        return None
    asked = _of(index)
    if len(asked) == kind.ndim and _is_column(asked):
        return Bare(kind.ndim - 1, 0, kind.width)
    if not all(isinstance(each, types.Integer) for each in asked) or len(asked) > kind.ndim:
        return None
    left = kind.ndim - len(asked)
    return Bare(left) if left else types.int64


@templates.infer_global(operator.getitem)
class _Get(templates.AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        got = _got(*args)
        return None if got is None else says(got, *args)


@templates.infer_global(operator.setitem)
class _Set(templates.AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        if _got(*args[:2]) == types.int64:
            return says(types.none, args[0], args[1], types.int64)
        return None


def _checked(context: Any, builder: Any, index: Any, size: Any, k: int) -> None:
    """IndexError where numba was told to check (NUMBA_BOUNDSCHECK=1)."""
    if config.BOUNDSCHECK:
        cgutils.do_boundscheck(context, builder, index, size, k)


def _place(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    """(address, sizes of what is left) of an index of integers."""
    kind, asked = sig.args[0], _of(sig.args[1])
    given = args[1]
    values = (
        cgutils.unpack_tuple(builder, given, len(asked))
        if isinstance(sig.args[1], types.BaseTuple)
        else [given]
    )
    whole = cgutils.create_struct_proxy(kind)(context, builder, value=args[0])
    sizes = [getattr(whole, f"size{k}") for k in range(kind.ndim)]
    if kind.width:
        sizes[-1] = context.get_constant(types.intp, kind.width)
    at = None
    for k in range(kind.ndim):
        if at is not None:
            at = builder.mul(at, sizes[k], flags=["nsw"])
        if k < len(asked):
            value = context.cast(builder, values[k], asked[k], types.intp)
            _checked(context, builder, value, sizes[k], k)
            at = value if at is None else builder.add(at, value, flags=["nsw"])
    if kind.step != 1:
        step = (
            context.get_constant(types.intp, kind.step)
            if kind.step
            else getattr(whole, f"size{kind.ndim}")
        )
        at = builder.mul(at, step, flags=["nsw"])
    return builder.gep(whole.data, [at], inbounds=True), sizes[len(asked) :]


@extending.lower_builtin(operator.getitem, Bare, types.Any)
def _get(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    kind = sig.args[0]
    if sig.return_type == types.int64:
        return builder.load(_place(context, builder, sig, args)[0], align=WORD)
    if _is_column(_of(sig.args[1])):
        whole = cgutils.create_struct_proxy(kind)(context, builder, value=args[0])
        last = builder.extract_value(args[1], kind.ndim - 1)
        k = context.cast(builder, last, sig.args[1].types[-1], types.intp)
        data = builder.gep(whole.data, [k], inbounds=True)
        sizes = [getattr(whole, f"size{k}") for k in range(kind.ndim)]
    else:
        data, sizes = _place(context, builder, sig, args)
    return _made(context, builder, sig.return_type, data, sizes)


@extending.lower_builtin(operator.setitem, Bare, types.Any, types.int64)
def _set(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    builder.store(args[2], _place(context, builder, sig, args)[0], align=WORD)
    return context.get_dummy_value()


# ------------------------------------------------------------------ columns by address


class Column(types.Type):
    """Items of one type, each so many bytes after the one before it: none, where a column says the same of all."""

    def __init__(self, item: Any):
        self.item = item
        super().__init__(name=f"column({item})")


@extending.register_model(Column)
class ColumnModel(extending.models.StructModel):
    """Where it begins, the bytes from one item to the next, and how many there are."""

    def __init__(self, dmm: Any, fe_type: Column):
        data = ("data", types.CPointer(types.int8))
        members = [data, ("step", types.intp), ("size", types.intp)]
        super().__init__(dmm, fe_type, members)


def _column(typingctx: Any, places: Any, k: Any, item: Any) -> Any:
    """The column of row k of ``places``, whose items are of that type."""
    kind = Column(item.dtype)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        array = context.make_array(sig.args[0])(context, builder, args[0])
        row = builder.mul(
            context.cast(builder, args[1], sig.args[1], types.intp),
            context.get_constant(types.intp, 3),
        )
        made = cgutils.create_struct_proxy(kind)(context, builder)
        address, made.step, made.size = (
            builder.load(
                builder.gep(array.data, [builder.add(row, context.get_constant(types.intp, n))])
            )
            for n in range(3)
        )
        made.data = builder.inttoptr(address, context.get_value_type(types.CPointer(types.int8)))
        return made._getvalue()

    return says(kind, places, k, item), codegen


@templates.infer_global(operator.getitem)
class _GetOfColumn(templates.AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        if isinstance(args[0], Column) and isinstance(args[1], types.Integer):
            return says(types.int64, *args)
        return None


@extending.lower_builtin(operator.getitem, Column, types.Integer)
def _get_of_column(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    item = sig.args[0].item
    whole = cgutils.create_struct_proxy(sig.args[0])(context, builder, value=args[0])
    i = context.cast(builder, args[1], sig.args[1], types.intp)
    _checked(context, builder, i, whole.size, 0)
    place = builder.gep(whole.data, [builder.mul(i, whole.step, flags=["nsw"])], inbounds=True)
    where = builder.bitcast(place, context.get_value_type(types.CPointer(item)))
    return context.cast(builder, builder.load(where, align=item.bitwidth // 8), item, types.int64)


bare: Any = extending.intrinsic(_bare)
rows: Any = extending.intrinsic(prefer_literal=True)(_rows)
only_if: Any = extending.intrinsic(_only_if)
column: Any = extending.intrinsic(_column)


def places(columns: Sequence[NDArray[Any]]) -> Ints:
    """(K, 3) address, step in bytes and size of columns of one dimension, for ``column``. They have to outlive it."""
    found = [(_address(each), each.strides[0], each.size) for each in columns]
    return np.array(found, np.int64).reshape(-1, 3)


def _address(column: NDArray[Any]) -> int:
    """Where a column begins. To be told takes as long as to fill a thousand items: those that say the same of all, from
    a few bytes that are kept, are asked once."""
    base: Any = column.base
    if type(base) is not bytes or len(base) != column.itemsize:
        return int(column.__array_interface__["data"][0])
    known = _ADDRESSES.get(id(base))
    if known is None:
        if len(_ADDRESSES) >= _MOST_ADDRESSES:
            _ADDRESSES.clear()
        known = _ADDRESSES[id(base)] = (base, int(column.__array_interface__["data"][0]))
    return known[1]


_ADDRESSES: dict[int, tuple[bytes, int]] = {}
_MOST_ADDRESSES = 1_000
