"""llama.cpp through llama-cpp-python: models loaded quietly, logits and ids."""
import ctypes

import llama_cpp
import numpy

F32, DISABLED = 0, 0


@llama_cpp.llama_log_callback
def silent(level, text, data):
    del level, text, data


llama_cpp.llama_log_set(silent, ctypes.c_void_p())


def loaded(path, **options):
    """A model with keys and values in float32."""
    return llama_cpp.Llama(
        str(path), n_ctx=1024, n_batch=512, n_threads=1, type_k=F32, type_v=F32, flash_attn=False, logits_all=False, verbose=False, **options)


def vocabulary(path):
    return llama_cpp.Llama(str(path), vocab_only=True, verbose=False)


def decoded(model, prompt, count):
    """The greedy ids after a prompt, each with the logits that it was chosen from."""
    model.reset()
    model.eval(prompt)
    for _ in range(count):
        logits = numpy.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(model._ctx.ctx, -1), shape=(model.n_vocab(),)).copy()
        chosen = yield logits
        model.eval([chosen])
