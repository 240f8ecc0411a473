"""The training step of src/bench/reference-model.ts in eager PyTorch, float32 and bfloat16, for `r1 bench --peer`.

Prints {"torch": version, "float32": {"gflops"}, "bfloat16": {"gflops"}}. Best of several rounds, two threads.
"""
import json
import os
import time

import torch
import torch.nn.functional as F

V, D, FF, L, H, R, T = 64, 256, 704, 4, 4, 32, 128
E = D // H


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = torch.nn.RMSNorm(D, eps=1e-6)
        self.norm2 = torch.nn.RMSNorm(D, eps=1e-6)
        self.qkv = torch.nn.Linear(D, 3 * D, bias=False)
        self.out = torch.nn.Linear(D, D, bias=False)
        self.gate_up = torch.nn.Linear(D, 2 * FF, bias=False)
        self.down = torch.nn.Linear(FF, D, bias=False)

    def forward(self, x, cos, sin):
        q, k, v = self.qkv(self.norm1(x)).view(R, T, 3, H, E).permute(2, 0, 3, 1, 4)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(mixed.transpose(1, 2).reshape(R, T, D))
        gate, up = self.gate_up(self.norm2(x)).chunk(2, dim=-1)
        return x + self.down(F.silu(gate) * up)


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Embedding(V, D)
        self.blocks = torch.nn.ModuleList(Block() for _ in range(L))
        self.norm = torch.nn.RMSNorm(D, eps=1e-6)
        self.head = torch.nn.Linear(D, V, bias=False)
        angles = torch.outer(torch.arange(T), 10000.0 ** (-torch.arange(0, E, 2) / E))
        self.register_buffer("cos", angles.cos())
        self.register_buffer("sin", angles.sin())

    def forward(self, tokens):
        x = self.embed(tokens)
        for block in self.blocks:
            x = block(x, self.cos.to(x.dtype), self.sin.to(x.dtype))
        return self.head(self.norm(x))


def rotate(x, cos, sin):
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)


def measure(dtype, rounds=12):
    torch.manual_seed(1)
    model = Model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.95), weight_decay=0.1)
    tokens = torch.randint(0, V, (R, T + 1))
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype == torch.bfloat16):
            logits = model(tokens[:, :-1])
        loss = F.cross_entropy(logits.float().reshape(-1, V), tokens[:, 1:].reshape(-1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        best = min(best, time.perf_counter() - start)
    weights = L * (4 * D * D + 3 * D * FF) + V * D
    flops = 6 * weights * R * T + 12 * L * D * T * R * T
    return {"gflops": flops / best / 1e9}


torch.set_num_threads(os.cpu_count())
print(
    json.dumps(
        {
            "torch": torch.__version__.split("+")[0],
            "float32": measure(torch.float32),
            "bfloat16": measure(torch.bfloat16),
        }
    )
)
