"""llama.cpp on the GGUF file as it is (Q4_1): greedy tokens of some prompts at once.

    generate_llamacpp.py TEXTS --count TOKENS ..."""
import ctypes
import os
import sys

texts = int(sys.argv.pop(1))
import peer

o = peer.options()
import llama_cpp as api
import llm
import numpy as np

ROOM, PATH = 512, os.path.join(o.data, llm.GGUF)

silent = api.llama_log_callback(lambda level, text, data: None)  # must outlive its use
api.llama_log_set(silent, None)
api.llama_backend_init()
model = api.llama_model_load_from_file(PATH.encode(), api.llama_model_default_params())
vocab = api.llama_model_get_vocab(model)
tokens_in_all = api.llama_vocab_n_tokens(vocab)
params = api.llama_context_default_params()
params.n_ctx = ROOM * texts
params.n_batch = params.n_ubatch = ROOM
params.n_seq_max = texts
params.n_threads = params.n_threads_batch = o.threads
context = api.llama_init_from_model(model, params)
batch = api.llama_batch_init(ROOM, 0, 1)
said = []


def ids(text):
    out = (api.llama_token * ROOM)()
    raw = text.encode()
    return list(out[:api.llama_tokenize(vocab, raw, len(raw), out, ROOM, False, False)])


def decode(rows):
    """rows: (token, place, sequence, wanted)"""
    batch.n_tokens = len(rows)
    for i, (token, place, sequence, wanted) in enumerate(rows):
        batch.token[i], batch.pos[i], batch.logits[i] = token, place, wanted
        batch.n_seq_id[i], batch.seq_id[i][0] = 1, sequence
    if api.llama_decode(context, batch):
        raise SystemExit("llama_decode failed")


def likeliest(row):
    return int(np.ctypeslib.as_array(api.llama_get_logits_ith(context, row),
                                     (tokens_in_all,)).argmax())


def begin(sequence, prompt):
    decode([(t, i, sequence, i == len(prompt) - 1) for i, t in enumerate(prompt)])
    return likeliest(len(prompt) - 1)


def step(_):
    said.append(list(token))
    decode([(t, place[s], s, True) for s, t in enumerate(token)])
    for s in range(texts):
        token[s] = likeliest(s)
        place[s] += 1


def text(tokens):
    out = b""
    for t in tokens:
        buffer = (ctypes.c_char * 256)()
        n = api.llama_token_to_piece(vocab, t, buffer, 256, 0, False)
        out += bytes(buffer[:n])
    return out.decode(errors="replace")


prompts = [ids(p) for p in llm.prompts(o.work)[:texts]]
place = [len(p) for p in prompts]
token = [begin(s, p) for s, p in enumerate(prompts)]
seconds = peer.clock(step, o.count)
peer.answer(seconds, tokens=texts, text=text([row[0] for row in said]))
