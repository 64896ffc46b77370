"""What llama.cpp multiplies a target's matrices with: sums of squares of each column, as tools/imatrix collects them.

The callback of the graph's scheduler sees every product; of those with a layer's matrices and with the output head the second operand is
summed. Chunks are cut as llama-imatrix cuts them: 512 tokens each, the begin token in place of the first.
"""
import ctypes
import pathlib

import llama_cpp
import numpy as np

# struct ggml_tensor: offsets of its members.
NE, NB, SRC, DATA, NAME = 16, 48, 152, 248, 256
LIBRARY = ctypes.CDLL(str(next(pathlib.Path(llama_cpp.__file__).parent.glob("lib/libggml-base.so*"))))
LIBRARY.ggml_op_desc.restype, LIBRARY.ggml_op_desc.argtypes = ctypes.c_char_p, [ctypes.c_void_p]


def pointer(address, offset):
    return ctypes.c_void_p.from_address(address + offset).value


def array(tensor, kind, dtype):
    """A tensor's elements, outermost dimension first, wherever its rows lie."""
    sizes = (ctypes.c_int64 * 4).from_address(tensor + NE)[:]
    strides = (ctypes.c_size_t * 4).from_address(tensor + NB)[:]
    count = sum((size - 1) * stride for size, stride in zip(sizes, strides)) // ctypes.sizeof(kind) + 1
    flat = np.ctypeslib.as_array((kind * count).from_address(pointer(tensor, DATA)))
    return np.lib.stride_tricks.as_strided(flat, sizes[::-1], strides[::-1])


class Collector:
    def __init__(self):
        self.sums, self.counts = {}, {}
        self.callback = llama_cpp.ggml_backend_sched_eval_callback(self.see)

    def see(self, tensor, ask, _):
        try:
            return self.look(tensor, ask)
        except Exception as error:  # an exception cannot leave a callback
            self.error = error
            return False

    def look(self, tensor, ask):
        operation = LIBRARY.ggml_op_desc(tensor)
        if operation not in (b"MUL_MAT", b"MUL_MAT_ID"):
            return False
        weights, inputs = pointer(tensor, SRC), pointer(tensor, SRC + 8)
        name = ctypes.string_at(weights + NAME).decode()
        if not (name.startswith("blk.") or name == "output.weight" or name == "token_embd.weight"):
            return False
        if ask:
            return True
        x = array(inputs, ctypes.c_float, np.float32)
        if operation == b"MUL_MAT":
            rows = x.reshape(-1, x.shape[-1]).astype(np.float64)
            self.add(name, 1, 0, rows)
            return True
        experts = (ctypes.c_int64 * 4).from_address(weights + NE)[2]
        chosen = array(pointer(tensor, SRC + 16), ctypes.c_int32, np.int32)[0, 0]  # [tokens, used]
        for expert in range(experts):
            tokens, places = np.nonzero(chosen == expert)
            self.add(name, experts, expert, x[0][tokens, places % x.shape[2]].astype(np.float64))
        return True

    def add(self, name, experts, expert, rows):
        sums = self.sums.setdefault(name, np.zeros((experts, rows.shape[-1])))
        counts = self.counts.setdefault(name, np.zeros(experts))
        sums[expert] += np.square(rows).sum(0)
        counts[expert] += len(rows)


def collect(path, text, chunk_count, size=512):
    """Mean squares by GGUF name, [experts, columns], their counts, and the ids of each chunk."""
    collector = Collector()
    silent = llama_cpp.llama_log_callback(lambda *_: None)
    llama_cpp.llama_log_set(silent, None)
    llama_cpp.llama_backend_init()
    parameters = llama_cpp.llama_model_default_params()
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), parameters)
    vocabulary = llama_cpp.llama_model_get_vocab(model)
    parameters = llama_cpp.llama_context_default_params()
    parameters.n_ctx, parameters.n_batch, parameters.n_ubatch = size, size, size
    parameters.cb_eval = collector.callback
    # Keys and values in float32 too, and attention without rounding on the way.
    parameters.type_k = parameters.type_v = 0
    parameters.flash_attn_type = 0
    context = llama_cpp.llama_init_from_model(model, parameters)
    data = text.encode()
    ids = (llama_cpp.llama_token * (len(data) + 16))()
    count = llama_cpp.llama_tokenize(vocabulary, data, len(data), ids, len(ids), True, False)
    chunks = [list(ids[start:start + size]) for start in range(0, count - size + 1, size)][:chunk_count]
    begin = llama_cpp.llama_vocab_bos(vocabulary) if llama_cpp.llama_vocab_get_add_bos(vocabulary) else None
    for chunk in chunks:
        if begin is not None:
            chunk[0] = begin
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(context), True)
        batch = llama_cpp.llama_batch_init(size, 0, 1)
        batch.n_tokens = size
        for place, token in enumerate(chunk):
            batch.token[place], batch.pos[place], batch.n_seq_id[place], batch.logits[place] = token, place, 1, True
            batch.seq_id[place][0] = 0
        if llama_cpp.llama_decode(context, batch):
            raise RuntimeError("llama_decode failed")
        llama_cpp.llama_batch_free(batch)
    llama_cpp.llama_free(context)
    llama_cpp.llama_model_free(model)
    if hasattr(collector, "error"):
        raise collector.error
    counts = collector.counts
    means = {name: sums / np.maximum(counts[name], 1)[:, None] for name, sums in collector.sums.items()}
    return means, counts, chunks
