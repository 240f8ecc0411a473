"""Training steps in eager PyTorch, float32 and bfloat16, for `r1 bench --peer`.

That of src/bench/reference-model.ts, and with transformers the one of src/bench/real-model.ts. Prints {"torch": version,
"float32": {"gflops"}, "bfloat16": {"gflops"}, "real": the same and "transformers": version, or null}. Best of several
rounds, all threads.
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


def measure(model, logits_of, size, dtype, weights, attention, rounds):
    """`weights` of all matrices, `attention` = 12 · layers · width of the heads, for 6 · weights + attention · T a token."""
    vocabulary, rows, length = size
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.95), weight_decay=0.1)
    tokens = torch.randint(0, vocabulary, (rows, length + 1))
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype == torch.bfloat16):
            logits = logits_of(model, tokens[:, :-1])
        loss = F.cross_entropy(logits.float().reshape(-1, vocabulary), tokens[:, 1:].reshape(-1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        best = min(best, time.perf_counter() - start)
    return {"gflops": (6 * weights + attention * length) * rows * length / best / 1e9}


def reference(dtype):
    torch.manual_seed(1)
    weights = L * (4 * D * D + 3 * D * FF) + V * D
    return measure(Model(), lambda model, x: model(x), (V, R, T), dtype, weights, 12 * L * D, rounds=12)


def real():
    try:
        import transformers
    except ImportError:
        return None
    config = transformers.LlamaConfig(
        vocab_size=49152,
        hidden_size=576,
        intermediate_size=1536,
        num_hidden_layers=30,
        num_attention_heads=9,
        num_key_value_heads=3,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
    )
    matrices = 30 * (2 * 576 * 576 + 2 * 576 * 192 + 3 * 576 * 1536) + 49152 * 576

    def step(dtype):
        torch.manual_seed(1)
        model = transformers.LlamaForCausalLM(config).train()
        logits_of = lambda model, x: model(input_ids=x, use_cache=False).logits
        return measure(model, logits_of, (49152, 4, 256), dtype, matrices, 12 * 30 * 576, rounds=4)

    return {
        "transformers": transformers.__version__,
        "float32": step(torch.float32),
        "bfloat16": step(torch.bfloat16),
    }


torch.set_num_threads(os.cpu_count())
print(
    json.dumps(
        {
            "torch": torch.__version__.split("+")[0],
            "float32": reference(torch.float32),
            "bfloat16": reference(torch.bfloat16),
            "real": real(),
        }
    )
)
