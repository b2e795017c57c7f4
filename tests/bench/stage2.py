"""PyTorch: one step of stage 2, four prompts of 20 listed and 10 watched titles,
gradient through the frozen LLM to the soft tokens and the projectors, loss on the
title's tokens.

    stage2.py f32|bf16 --count STEPS ...

With bf16 the LLM's weights are bf16, and all products are by autocast; the projections
and Adam stay f32."""
import random
import sys

precision = sys.argv.pop(1)

import peer

o = peer.options()
import llm
import torch
from torch import nn

tokenizer, model = llm.load(o.data, o.threads, precision)
random.seed(1)
torch.manual_seed(1)
H, BATCH, CANDS, HISTORY = model.config.hidden_size, 4, 20, 10
titles, users = peer.titles(o.data)[1], peer.histories(o.data)
E, X = torch.randn(len(titles), 128), torch.randn(len(users), 50)
item = nn.Sequential(nn.Linear(128, H), nn.LayerNorm(H), nn.GELU(), nn.Linear(H, H))
user = nn.Sequential(nn.Linear(50, H), nn.LayerNorm(H), nn.LeakyReLU(), nn.Linear(H, H))
adam = torch.optim.Adam([*item.parameters(), *user.parameters()], lr=1e-3)
embed = model.get_input_embeddings()
tokens = padded = wanted = 0


def words(text):
    return embed(torch.tensor(tokenizer(text, add_special_tokens=False)["input_ids"]))


def listed(items):
    """A soft token before each title."""
    soft, parts = item(E[items]), []
    for i, s in zip(items, soft):
        parts += [s[None], words(titles[i] + "\n")]
    return parts


def prompt(u):
    h = users[u][:-2]
    cands = random.sample([i for i in range(len(titles)) if i not in h], CANDS - 1) + h[-1:]
    random.shuffle(cands)
    answer = tokenizer(titles[h[-1]], add_special_tokens=False)["input_ids"]
    answer.append(tokenizer.eos_token_id)
    parts = [words("The movies to choose from:\n"), *listed(cands),
             words("\nThe movies that this user has watched:\n"),
             *listed(h[-1 - HISTORY:-1]),
             words("\nThe one movie of the list that this user will watch next:\n"),
             user(X[u])[None], embed(torch.tensor(answer[:-1]))]
    return torch.cat(parts), answer


def step(i):
    global tokens, padded, wanted
    batch = [prompt(u) for u in random.sample(range(len(users)), BATCH)]
    longest = max(len(p) for p, _ in batch)
    x = torch.stack([nn.functional.pad(p, (0, 0, 0, longest - len(p))) for p, _ in batch])
    target = torch.tensor([t for _, a in batch for t in a])
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
        h = model.model(inputs_embeds=x, use_cache=False).last_hidden_state
        rows = torch.cat([h[b, len(p) - len(a):len(p)] for b, (p, a) in enumerate(batch)])
        logits = model.lm_head(rows)
    loss = nn.functional.cross_entropy(logits.float(), target)
    adam.zero_grad()
    loss.backward()
    adam.step()
    tokens += sum(len(p) for p, _ in batch)
    padded += longest * BATCH
    wanted += len(target)


step(0)
tokens = padded = wanted = 0
seconds = peer.clock(step, o.count, 0)
peer.answer(seconds, gflop=llm.gflop(model.config, tokens, wanted, 2) / o.count,
            tokens=tokens / o.count, padded=padded / o.count)
