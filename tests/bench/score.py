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


def own_path(place, parent_rows):
    """The mask of rows that lie side by side: each sees the prompt and, of its own
    candidate, what stands before it.  place: the rows' places in their candidates."""
    n = len(place)
    start = [i - p for i, p in enumerate(place)]
    seen = torch.full((1, 1, n, parent_rows + n), torch.finfo(model.dtype).min,
                      dtype=model.dtype)
    seen[..., :parent_rows] = 0
    for i in range(n):
        seen[0, 0, i, parent_rows + start[i]:parent_rows + i + 1] = 0
    return seen


def behind_prompt(cands, cache, begun):
    """Log-probabilities (rows, words) of what follows each token of the candidates but
    their last, all in one pass without padding."""
    rest = [t for c in cands for t in c[:-1]]
    place = [i for c in cands for i in range(len(c) - 1)]
    logits = model(torch.tensor([rest]), past_key_values=cache,
                   position_ids=torch.tensor([[begun + p for p in place]]),
                   attention_mask=own_path(place, begun)).logits
    return logits[0].float().log_softmax(-1)


@torch.inference_mode()
def score(row):
    global tokens, logits
    prompt, cands = ids(row[0]), [ids(c) for c in row[1]]
    out = model(torch.tensor([prompt]), use_cache=True, logits_to_keep=1)
    first = out.logits[0, -1].float().log_softmax(-1)
    target = torch.tensor([t for c in cands for t in c[1:]])
    after = behind_prompt(cands, out.past_key_values, len(prompt))
    later = after.gather(1, target[:, None])[:, 0].split([len(c) - 1 for c in cands])
    tokens += len(prompt) + len(target)
    logits += 1 + len(target)
    return [float(first[c[0]] + rest.sum()) for c, rest in zip(cands, later)]


scores = score(rows[0])
score(rows[1])
tokens = logits = 0
seconds = peer.clock(lambda i: score(rows[(2 + i) % len(rows)]), o.count, 0)
peer.answer(seconds, gflop=llm.gflop(model.config, tokens, logits) / o.count,
            tokens=tokens / o.count, scores=scores)
