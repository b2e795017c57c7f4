"""transformers: log-likelihood of 20 candidates under one prompt, whose keys and values
are computed once and shared.

    score.py f32|bf16 --count USERS ..."""
import sys

precision = sys.argv.pop(1)
import peer

o = peer.options()
import llm
import torch

tokenizer, model = llm.load(o.data, o.threads, precision)
rows = llm.lines(o.work)
tokens = logits = 0


def ids(text):
    return tokenizer(text, add_special_tokens=False)["input_ids"]


@torch.inference_mode()
def score(row):
    global tokens, logits
    prompt, cands = ids(row[0]), [ids(c) for c in row[1]]
    out = model(torch.tensor([prompt]), use_cache=True, logits_to_keep=1)
    first = out.logits[0, -1].float().log_softmax(-1)
    cache, longest = out.past_key_values, max(map(len, cands))
    cache.batch_repeat_interleave(len(cands))
    padded = torch.tensor([c + [0] * (longest - len(c)) for c in cands])
    rest = model(padded, past_key_values=cache).logits.float().log_softmax(-1)
    tokens += len(prompt) + sum(map(len, cands))
    logits += 1 + sum(len(c) - 1 for c in cands)
    return [float(first[c[0]]) + sum(float(rest[i, j, t]) for j, t in enumerate(c[1:]))
            for i, c in enumerate(cands)]


scores = score(rows[0])
tokens = logits = 0
seconds = peer.clock(lambda i: score(rows[i % len(rows)]), o.count, 0)
peer.answer(seconds, gflop=llm.gflop(model.config, tokens, logits) / o.count,
            tokens=tokens / o.count, scores=scores)
