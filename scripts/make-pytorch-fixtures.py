#!/usr/bin/env python3
"""Writes Tests/Fixtures/pytorch: small files as torch.save makes them, and what is in them.

usage: scripts/make-pytorch-fixtures.py        (needs the Python packages torch and numpy)

Storage keys of legacy files are addresses, so these files differ from run to run; their meaning
does not. expected.json holds, for each file that is read, each tensor's type, shape and row-major
bytes as torch itself gives them.
"""
import collections
import json
import pathlib
import warnings

import torch

folder = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "pytorch"
folder.mkdir(parents=True, exist_ok=True)
warnings.simplefilter("ignore")
torch.manual_seed(7)

types = {
    torch.float64: "f64", torch.float32: "f32", torch.float16: "f16", torch.bfloat16: "bf16", torch.int64: "i64",
    torch.int32: "i32", torch.int16: "i16", torch.int8: "i8", torch.uint8: "u8", torch.bool: "bool", torch.complex64: "c64",
}
expected = {}


def describe(tensor):
    data = tensor.detach().contiguous().reshape(-1)
    raw = data.view(torch.uint8).numpy().tobytes() if data.numel() else b""
    return {"type": types[tensor.dtype], "shape": list(tensor.shape), "bytes": raw.hex()}


def save(name, value, tensors=None, **options):
    torch.save(value, folder / name, **options)
    if tensors is not None:
        expected[name] = {key: describe(tensor) for key, tensor in tensors.items()}


base = torch.randn(6, 8, dtype=torch.float32)
cube = torch.randn(3, 4, 5, dtype=torch.float16)
tied = torch.randn(4, 6, dtype=torch.bfloat16)
views = collections.OrderedDict(
    whole=base,
    transposed=base.t(),
    narrowed=base[2:5],
    columns=base[:, 3:6],
    every_other=base[::2, 1::3],
    one_column=base[:, 2],
    one_row=base[3],
    element=base[1, 1],
    half_cube=cube,
    permuted=cube.permute(2, 0, 1),
    inner=cube[:, 1:3, ::2].permute(1, 0, 2),
    unit_dimensions=base[1:2, 3:4].expand(1, 1),
    embed=tied,
    head=tied,
    head_transposed=tied.t(),
    scalar=torch.tensor(1.5),
    empty=torch.empty(0, 4),
    empty_inside=torch.empty(3, 0, 2, dtype=torch.int64),
    doubles=torch.randn(3, dtype=torch.float64),
    doubles_strided=torch.randn(3, 4, dtype=torch.float64).t(),
    longs=torch.arange(-3, 4),
    ints=torch.arange(5, dtype=torch.int32),
    shorts=torch.arange(-2, 3, dtype=torch.int16),
    chars=torch.arange(-4, 4, dtype=torch.int8),
    bytes=torch.arange(250, 256, dtype=torch.uint8),
    bytes_strided=torch.arange(12, dtype=torch.uint8).reshape(3, 4).t(),
    bools=torch.tensor([True, False, True]),
    complex=torch.tensor([1 + 2j, -3.5j], dtype=torch.complex64),
    parameter=torch.nn.Parameter(torch.randn(2, 2)),
)
save("views.bin", views, views)
save("views-legacy.bin", views, views, _use_new_zipfile_serialization=False)
save("views-protocol4.bin", views, views, pickle_protocol=4)

module = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.LayerNorm(2))
state = module.state_dict()
save("module-state.bin", state, state)
save("nested.bin", {"epoch": 3, "state_dict": state, "note": "x"}, state)
save("mixed.bin", {"w": state["0.weight"], "epoch": 3, "name": "x", "nothing": None}, {"w": state["0.weight"]})
save("empty-dictionary.bin", {}, {})

save("two-models.bin", {"model": dict(state), "ema": dict(state)})
save("no-tensors.bin", {"epoch": 3})
save("list.bin", [base])
save("expanded.bin", {"w": torch.ones(1).expand(1000, 1000)})
save("expanded-rows.bin", {"w": torch.ones(1, 4).expand(3, 4)})
save("whole-module.bin", module)
save("quantized.bin", {"w": torch.quantize_per_tensor(base, 0.1, 0, torch.qint8)})
save("sparse.bin", {"w": torch.eye(3).to_sparse()})
save("float8.bin", {"w": base.to(torch.float8_e4m3fn)})
save("conjugated.bin", {"w": torch.tensor([1 + 2j]).conj()})
save("optimizer.bin", {"w": state["0.weight"], "optimizer": torch.optim.Adam(module.parameters()).state_dict()})

torch.jit.script(torch.nn.Linear(2, 2)).save(folder / "torchscript.bin")

(folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
