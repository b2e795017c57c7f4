"""PyTorch: one epoch of stage 1 (943 users, batches of 32), x and Q cached."""
import peer

o = peer.options()
import torch
from torch import nn

torch.set_num_threads(o.threads)
torch.manual_seed(1)
USERS, ITEMS, CF, TEXT, JOINT = 943, 1682, 50, 384, 128


class Tower(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.encode = nn.Sequential(nn.Linear(width, JOINT), nn.Sigmoid(),
                                    nn.Linear(JOINT, JOINT))
        self.decode = nn.Sequential(nn.Linear(JOINT, JOINT), nn.Sigmoid(),
                                    nn.Linear(JOINT, width))


item, text = Tower(CF), Tower(TEXT)
adam = torch.optim.Adam([*item.parameters(), *text.parameters()], lr=1e-3, betas=(.9, .98))
E, Q, X = torch.randn(ITEMS, CF), torch.randn(ITEMS, TEXT), torch.randn(USERS, CF)
target = torch.randint(0, ITEMS, (USERS,))
mse, bce = nn.MSELoss(), nn.BCEWithLogitsLoss()


def losses(rows):
    e, q = item.encode(E[rows]), text.encode(Q[rows])
    back = item.decode(e)
    return back, mse(e, q) + .5 * mse(back, E[rows]) + .2 * mse(text.decode(q), Q[rows])


def epoch(i):
    for users in torch.randperm(USERS).split(32):
        pos, neg = target[users], torch.randint(0, ITEMS, users.shape)
        p, loss_p = losses(pos)
        n, loss_n = losses(neg)
        sp, sn = (X[users] * p).mean(1), (X[users] * n).mean(1)
        loss = loss_p + loss_n + bce(sp, torch.ones_like(sp)) + bce(sn, torch.zeros_like(sn))
        adam.zero_grad()
        loss.backward()
        adam.step()


peer.answer(peer.clock(epoch, o.count, 2))
