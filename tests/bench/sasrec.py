"""PyTorch: one SASRec training step, 128 windows of 50, binary cross-entropy."""
import peer

o = peer.options()
import numpy as np
import torch
from torch import nn

torch.set_num_threads(o.threads)
torch.manual_seed(1)
WIDTH, LENGTH, BATCH, ITEMS = 50, 50, 128, 1682


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = (nn.LayerNorm(WIDTH, eps=1e-8) for _ in range(2))
        self.attention = nn.MultiheadAttention(WIDTH, 1, .5, batch_first=True)
        self.conv1, self.conv2 = (nn.Linear(WIDTH, WIDTH) for _ in range(2))
        self.drop = nn.Dropout(.5)

    def forward(self, x, mask, keep):
        q = self.norm1(x)
        x = q + self.attention(q, x, x, attn_mask=mask, need_weights=False)[0]
        x = self.norm2(x)
        return (x + self.drop(self.conv2(torch.relu(self.drop(self.conv1(x)))))) * keep


class Sasrec(nn.Module):
    def __init__(self):
        super().__init__()
        self.item = nn.Embedding(ITEMS + 1, WIDTH, padding_idx=0)
        self.place = nn.Embedding(LENGTH, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(2))
        self.norm = nn.LayerNorm(WIDTH, eps=1e-8)
        self.drop = nn.Dropout(.5)
        self.mask = ~torch.ones(LENGTH, LENGTH).tril().bool()

    def forward(self, seq):
        keep = (seq > 0).unsqueeze(-1)
        x = self.item(seq) * WIDTH ** .5 + self.place.weight
        x = self.drop(x) * keep
        for block in self.blocks:
            x = block(x, self.mask, keep)
        return self.norm(x)


def windows():
    seq = np.zeros((943, LENGTH), int)
    pos = np.zeros((943, LENGTH), int)
    for u, h in enumerate(peer.histories(o.data)):
        h = np.array(h[:-2]) + 1
        n = min(LENGTH, len(h) - 1)
        seq[u, LENGTH - n:] = h[-n - 1:-1]
        pos[u, LENGTH - n:] = h[-n:]
    return torch.tensor(seq), torch.tensor(pos)


model = Sasrec()
adam = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(.9, .98))
loss_of = nn.BCEWithLogitsLoss()
seqs, poss = windows()


def step(i):
    rows = torch.randint(0, len(seqs), (BATCH,))
    seq, pos = seqs[rows], poss[rows]
    neg = torch.randint(1, ITEMS + 1, pos.shape)
    h = model(seq)
    real = pos > 0
    s_pos = (h * model.item(pos)).sum(-1)[real]
    s_neg = (h * model.item(neg)).sum(-1)[real]
    adam.zero_grad()
    loss = loss_of(s_pos, torch.ones_like(s_pos)) + loss_of(s_neg, torch.zeros_like(s_neg))
    loss.backward()
    adam.step()


peer.answer(peer.clock(step, o.count, 3))
