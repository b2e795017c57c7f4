"""llama.cpp on the GGUF file as it is (Q4_1): log-likelihood of 20 candidates under one
prompt, decoded once and shared by 20 sequences, which are decoded in one batch."""
import os

import peer

o = peer.options()
import llama_cpp as api
import llm
import numpy as np

ROOM, PATH = 1024, os.path.join(o.data, llm.GGUF)

silent = api.llama_log_callback(lambda level, text, data: None)  # must outlive its use
api.llama_log_set(silent, None)
api.llama_backend_init()
model = api.llama_model_load_from_file(PATH.encode(), api.llama_model_default_params())
vocab = api.llama_model_get_vocab(model)
tokens_in_all = api.llama_vocab_n_tokens(vocab)
params = api.llama_context_default_params()
params.n_ctx = params.n_batch = params.n_ubatch = ROOM
params.n_seq_max = 21
params.n_threads = params.n_threads_batch = o.threads
params.kv_unified = True
context = api.llama_init_from_model(model, params)
memory = api.llama_get_memory(context)
batch = api.llama_batch_init(ROOM, 0, 1)
tokens = 0


def ids(text):
    out = (api.llama_token * ROOM)()
    raw = text.encode()
    n = api.llama_tokenize(vocab, raw, len(raw), out, ROOM, False, False)
    return list(out[:n])


def decode(rows):
    """rows: (token, place, sequence, wanted)"""
    batch.n_tokens = len(rows)
    for i, (token, place, sequence, wanted) in enumerate(rows):
        batch.token[i], batch.pos[i], batch.logits[i] = token, place, wanted
        batch.n_seq_id[i], batch.seq_id[i][0] = 1, sequence
    if api.llama_decode(context, batch):
        raise SystemExit("llama_decode failed")


def log_probabilities(row, wanted):
    """Of several tokens that could follow the same row."""
    x = np.ctypeslib.as_array(api.llama_get_logits_ith(context, row), (tokens_in_all,))
    top = x.max()
    return (x[wanted] - top - np.log(np.exp(x - top).sum())).tolist()


def score(row):
    global tokens
    prompt, cands = ids(row[0]), [ids(c) for c in row[1]]
    n = len(prompt)
    api.llama_memory_clear(memory, True)
    decode([(t, i, 0, i == n - 1) for i, t in enumerate(prompt)])
    scores = log_probabilities(n - 1, [c[0] for c in cands])
    for s in range(len(cands)):
        api.llama_memory_seq_cp(memory, 0, s + 1, -1, -1)
    decode([(t, n + i, s + 1, True) for s, c in enumerate(cands)
            for i, t in enumerate(c[:-1])])
    at = 0
    for s, c in enumerate(cands):
        for token in c[1:]:
            scores[s] += log_probabilities(at, [token])[0]
            at += 1
    tokens += n + at
    return scores


rows = llm.lines(o.work)
scores = score(rows[0])
score(rows[1])
tokens = 0
seconds = peer.clock(lambda i: score(rows[(2 + i) % len(rows)]), o.count, 0)
peer.answer(seconds, tokens=tokens / o.count, scores=scores)
