"""Makes tiny random models with transformers, and what they compute, for test/golden/fixtures/.

    python tools/hf_golden.py [name ...]

Each folder is an ordinary Hugging Face checkpoint (config.json, model.safetensors, tokenizer files) with
golden.json        token ids, per-token weights, the loss Σ weight·nll, gradient norms, greedy ids, 20 AdamW losses
golden.safetensors logits.<s> [n, vocab], logprobs.<s> [n-1] of sequence s, gradient.<parameter>

Everything is float32 on the CPU with eager attention, one sequence at a time, no padding. Weights are drawn wide
enough that no answer hangs on rounding: the seed is raised until greedy decoding and expert choice have margins.
"""

import argparse
import copy
import json
import platform
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    DeepseekV3Config,
    DeepseekV3ForCausalLM,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    Qwen3MoeConfig,
    Qwen3MoeForCausalLM,
    SmolLM3Config,
    SmolLM3ForCausalLM,
)

FIXTURES = Path(__file__).resolve().parent.parent / "test" / "golden" / "fixtures"
BEGIN, END = "<|begin|>", "<|end|>"
CHARACTERS = "\n" + "".join(chr(code) for code in range(32, 127))
VOCABULARY = [BEGIN, END] + list(CHARACTERS)
LENGTHS = (24, 11)
GREEDY_PROMPT, GREEDY_TOKENS = 8, 64
STEPS = 20
LEARNING_RATE, BETAS, EPSILON, WEIGHT_DECAY, CLIP = 1e-3, (0.9, 0.95), 1e-8, 0.1, 1.0
GREEDY_MARGIN, ROUTER_MARGIN = 2e-2, 2e-4

SHARED = dict(
    vocab_size=len(VOCABULARY),
    hidden_size=48,
    num_hidden_layers=2,
    num_attention_heads=4,
    max_position_embeddings=128,
    bos_token_id=0,
    eos_token_id=1,
    attn_implementation="eager",
)
SMALL = dict(SHARED, pad_token_id=None, hidden_size=24, num_key_value_heads=2, head_dim=12, intermediate_size=32)
DEEPSEEK = dict(
    SHARED,
    num_key_value_heads=4,
    intermediate_size=36,
    moe_intermediate_size=12,
    first_k_dense_replace=1,
    n_routed_experts=8,
    n_shared_experts=1,
    n_group=4,
    topk_group=2,
    num_experts_per_tok=3,
    routed_scaling_factor=2.5,
    norm_topk_prob=True,
    kv_lora_rank=16,
    qk_nope_head_dim=8,
    qk_rope_head_dim=8,
    v_head_dim=12,
    num_mtp_layers=0,
)


def llama():
    """GQA, a head width that is not hidden/heads, llama3 frequency scaling, untied."""
    rope = dict(
        rope_type="llama3",
        rope_theta=10000.0,
        factor=8.0,
        low_freq_factor=1.0,
        high_freq_factor=4.0,
        original_max_position_embeddings=32,
    )
    return LlamaForCausalLM(
        LlamaConfig(
            **SHARED,
            num_key_value_heads=2,
            head_dim=16,
            intermediate_size=64,
            rms_norm_eps=1e-5,
            rope_parameters=rope,
            tie_word_embeddings=False,
        )
    )


def qwen2(tied):
    """Biases on q, k and v; one key/value head for all queries when tied."""
    return Qwen2ForCausalLM(
        Qwen2Config(
            **SHARED,
            num_key_value_heads=1 if tied else 2,
            intermediate_size=80,
            rms_norm_eps=1e-6,
            rope_parameters=dict(rope_type="default", rope_theta=1e6 if tied else 1e4),
            tie_word_embeddings=tied,
        )
    )


def deepseek(q_lora_rank, yarn):
    rope = dict(rope_type="default", rope_theta=1e4)
    if yarn:
        rope = dict(
            rope_type="yarn",
            rope_theta=1e4,
            factor=4.0,
            original_max_position_embeddings=32,
            beta_fast=32.0,
            beta_slow=1.0,
            mscale=1.0,
            mscale_all_dim=1.0,
        )
    return DeepseekV3ForCausalLM(DeepseekV3Config(**DEEPSEEK, q_lora_rank=q_lora_rank, rope_parameters=rope))


def rope(theta):
    return dict(rope_type="default", rope_theta=theta)


def qwen3(tied):
    """Norms of queries and keys, a head width of its own."""
    return Qwen3ForCausalLM(
        Qwen3Config(**SMALL, rms_norm_eps=1e-6, rope_parameters=rope(1e6), tie_word_embeddings=tied)
    )


def qwen3_moe():
    """Six experts, weighted by a softmax over all."""
    return Qwen3MoeForCausalLM(
        Qwen3MoeConfig(
            **SMALL,
            moe_intermediate_size=12,
            num_experts=6,
            num_experts_per_tok=2,
            norm_topk_prob=True,
            rope_parameters=rope(1e6),
            tie_word_embeddings=False,
        )
    )


def mistral():
    """A window shorter than the sequences."""
    return MistralForCausalLM(
        MistralConfig(
            **SMALL, sliding_window=7, rms_norm_eps=1e-5, rope_parameters=rope(1e4), tie_word_embeddings=False
        )
    )


def smollm3():
    """The last of its layers is not rotated."""
    small = dict(SMALL, num_hidden_layers=4)
    return SmolLM3ForCausalLM(SmolLM3Config(**small, rope_parameters=rope(2e6), tie_word_embeddings=True))


def gemma3():
    """Five local layers and a global one, each kind with a base of its own, the global one's waves stretched."""
    return Gemma3ForCausalLM(
        Gemma3TextConfig(
            **dict(SMALL, num_hidden_layers=6),
            sliding_window=6,
            query_pre_attn_scalar=12,
            rope_parameters=dict(
                sliding_attention=rope(1e4),
                full_attention=dict(rope_type="linear", rope_theta=1e6, factor=4.0),
            ),
        )
    )


# name -> (maker, how config.json is spelled: as on the hub, or as transformers 5 writes it)
MODELS = {
    "llama-tiny": (llama, "hub"),
    "qwen2-tiny": (lambda: qwen2(tied=False), "transformers-5"),
    "qwen2-tied-tiny": (lambda: qwen2(tied=True), "hub"),
    "deepseek-v3-tiny": (lambda: deepseek(q_lora_rank=24, yarn=True), "hub"),
    "deepseek-v3-plain-q-tiny": (lambda: deepseek(q_lora_rank=None, yarn=False), "hub"),
    "qwen3-tiny": (lambda: qwen3(tied=False), "hub"),
    "qwen3-tied-tiny": (lambda: qwen3(tied=True), "transformers-5"),
    "qwen3-moe-tiny": (qwen3_moe, "hub"),
    "mistral-tiny": (mistral, "hub"),
    "smollm3-tiny": (smollm3, "hub"),
    "gemma3-tiny": (gemma3, "hub"),
}


def randomise(model, seed):
    generator = torch.Generator().manual_seed(seed)

    def normal(tensor, mean, std):
        tensor.copy_(torch.randn(tensor.shape, generator=generator) * std + mean)

    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("norm.weight"):
                # Gemma's norms multiply by 1 + their weight.
                normal(parameter, 0.0 if model.config.model_type == "gemma3_text" else 1.0, 0.2)
            elif parameter.dim() == 1:
                normal(parameter, 0.0, 0.2)
            elif "embed_tokens" in name:
                # Gemma scales what it embeds: wider rows would drown what its layers add.
                normal(parameter, 0.0, 0.2 if model.config.model_type == "gemma3_text" else 0.5)
            else:
                normal(parameter, 0.0, 1.2 / parameter.shape[-1] ** 0.5)
        for name, buffer in model.named_buffers():
            if name.endswith("e_score_correction_bias"):
                normal(buffer, 0.0, 0.1)


def batch(seed):
    generator = torch.Generator().manual_seed(10_000 + seed)
    sequences, weights = [], []
    for length in LENGTHS:
        sequences.append(torch.randint(2, len(VOCABULARY), (length,), generator=generator))
        w = torch.rand(length - 1, generator=generator) + 0.5
        w[: length // 4] = 0.0
        weights.append(w)
    total = sum(w.sum() for w in weights)
    return sequences, [w / total for w in weights]


def logprobs(model, sequence):
    logits = model(sequence[None], use_cache=False).logits[0]
    targets = sequence[1:, None]
    return logits, torch.log_softmax(logits[:-1], dim=-1).gather(1, targets)[:, 0]


def total_loss(model, sequences, weights):
    return sum(-(w * logprobs(model, s)[1]).sum() for s, w in zip(sequences, weights, strict=True))


def watch_router(model):
    """Collects, for every token, the gaps that decide which groups and which experts are taken."""
    margins = []

    def hook(router, args, output):
        scores = output[0].detach().sigmoid() + router.e_score_correction_bias
        groups = scores.view(-1, router.num_group, router.num_experts // router.num_group)
        ranked = groups.topk(2, dim=-1)[0].sum(-1).sort(-1, descending=True)[0]
        margins.append((ranked[:, router.topk_group - 1] - ranked[:, router.topk_group]).min().item())
        keep = torch.zeros(groups.shape[:2]).scatter_(
            1, groups.topk(2, dim=-1)[0].sum(-1).topk(router.topk_group, -1)[1], 1.0
        )
        masked = groups.masked_fill(keep[..., None] == 0, float("-inf")).flatten(1).sort(-1, descending=True)[0]
        margins.append((masked[:, router.top_k - 1] - masked[:, router.top_k]).min().item())

    def softmax_hook(router, args, output):
        ranked = output[0].detach().softmax(-1).sort(-1, descending=True)[0]
        margins.append((ranked[:, router.top_k - 1] - ranked[:, router.top_k]).min().item())

    hooks = {"DeepseekV3TopkRouter": hook, "Qwen3MoeTopKRouter": softmax_hook}
    handles = [
        m.register_forward_hook(hooks[type(m).__name__]) for m in model.modules() if type(m).__name__ in hooks
    ]
    return margins, handles


def greedy(model, prompt):
    ids, smallest = prompt.tolist(), float("inf")
    with torch.no_grad():
        for _ in range(GREEDY_TOKENS):
            top = model(torch.tensor([ids]), use_cache=False).logits[0, -1].topk(2)
            smallest = min(smallest, (top.values[0] - top.values[1]).item())
            if smallest < GREEDY_MARGIN:
                break
            ids.append(top.indices[0].item())
    return ids[len(prompt) :], smallest


def train(model, sequences, weights):
    model = copy.deepcopy(model)
    matrices = [p for p in model.parameters() if p.dim() >= 2]
    vectors = [p for p in model.parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW(
        [dict(params=matrices, weight_decay=WEIGHT_DECAY), dict(params=vectors, weight_decay=0.0)],
        lr=LEARNING_RATE,
        betas=BETAS,
        eps=EPSILON,
    )
    losses, norms = [], []
    margins, _ = watch_router(model)
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = total_loss(model, sequences, weights)
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP).item())
        optimizer.step()
        losses.append(loss.item())
    return losses, norms, min(margins, default=float("inf"))


def per_expert(named):
    """transformers keeps the experts of a layer in two stacked tensors; files hold one matrix each."""
    for name, tensor in named:
        if name.endswith("experts.gate_up_proj"):
            stem = name.removesuffix("gate_up_proj")
            for e, both in enumerate(tensor):
                gate, up = both.chunk(2)
                yield f"{stem}{e}.gate_proj.weight", gate
                yield f"{stem}{e}.up_proj.weight", up
        elif name.endswith("experts.down_proj"):
            stem = name.removesuffix("down_proj")
            for e, down in enumerate(tensor):
                yield f"{stem}{e}.down_proj.weight", down
        else:
            yield name, tensor


def save_tokenizer(folder):
    """One token a printable ASCII character, through a byte-level BPE without merges."""
    byte = {c: pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str(c)[0][0] for c in CHARACTERS}
    vocabulary = {byte.get(token, token): i for i, token in enumerate(VOCABULARY)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=BEGIN, eos_token=END, pad_token=END)
    fast.chat_template = "{{ bos_token }}{% for message in messages %}{{ message.content }}{% endfor %}"
    fast.save_pretrained(folder)


def hub_spelling(config):
    """What the published checkpoints say: rope_theta and rope_scaling side by side, torch_dtype."""
    rope = dict(config.pop("rope_parameters"))
    if "sliding_attention" in rope:
        config["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"]
        rope = dict(rope["full_attention"])
    config["rope_theta"] = rope.pop("rope_theta")
    config["rope_scaling"] = None if rope["rope_type"] == "default" else rope
    config["torch_dtype"] = config.pop("dtype")
    return config


def make(name):
    build, spelling = MODELS[name]
    for seed in range(1000):
        model = build().eval()
        randomise(model, seed)
        sequences, weights = batch(seed)
        margins, handles = watch_router(model)
        ids, gap = greedy(model, sequences[0][:GREEDY_PROMPT])
        if gap < GREEDY_MARGIN or len(set(ids)) < 12:
            continue
        outputs = [logprobs(model, s) for s in sequences]
        router_gap = min(margins, default=float("inf"))
        for handle in handles:
            handle.remove()
        losses, norms, training_gap = train(model, sequences, weights)
        if min(router_gap, training_gap) >= ROUTER_MARGIN:
            break
    else:
        raise SystemExit(f"{name}: no seed has the margins")

    model.zero_grad()
    loss = total_loss(model, sequences, weights)
    loss.backward()
    gradients = dict(per_expert((n, p.grad) for n, p in model.named_parameters()))

    folder = FIXTURES / name
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    save_tokenizer(folder)
    config = json.loads((folder / "config.json").read_text())
    if spelling == "hub":
        config = hub_spelling(config)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")

    golden = {f"logits.{s}": logits.detach() for s, (logits, _) in enumerate(outputs)}
    golden |= {f"logprobs.{s}": values.detach() for s, (_, values) in enumerate(outputs)}
    golden |= {f"gradient.{n}": g.contiguous() for n, g in gradients.items()}
    save_file({n: t.clone() for n, t in golden.items()}, folder / "golden.safetensors", metadata={"format": "pt"})
    stored = set(load_file(folder / "model.safetensors"))
    unknown = set(gradients) - stored
    assert not unknown, f"gradients of tensors that the file does not hold: {unknown}"

    again = type(model).from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    for s, (logits, _) in zip(sequences, outputs, strict=True):
        assert torch.equal(again(s[None], use_cache=False).logits[0], logits), "the saved folder computes otherwise"

    record = {
        "madeBy": f"tools/hf_golden.py {name}",
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        },
        "seed": seed,
        "sequences": [s.tolist() for s in sequences],
        "weights": [w.tolist() for w in weights],
        "loss": loss.item(),
        "gradientNorm": torch.stack([g.norm() for g in gradients.values()]).norm().item(),
        "gradientNorms": {n: g.norm().item() for n, g in gradients.items()},
        "greedy": {"prompt": sequences[0][:GREEDY_PROMPT].tolist(), "tokens": ids, "smallestGap": gap},
        "adamw": {
            "learningRate": LEARNING_RATE,
            "beta1": BETAS[0],
            "beta2": BETAS[1],
            "epsilon": EPSILON,
            "weightDecay": WEIGHT_DECAY,
            "gradientClipNorm": CLIP,
            "losses": losses,
            "gradientNorms": norms,
        },
    }
    if router_gap < float("inf"):
        record["smallestRouterGap"] = min(router_gap, training_gap)
    (folder / "golden.json").write_text(json.dumps(record, indent=1) + "\n")
    size = sum(f.stat().st_size for f in folder.iterdir())
    count = sum(p.numel() for p in model.parameters())
    print(f"{name}: seed {seed}, {count} parameters, {size // 1024} KiB, loss {losses[0]:.4f} -> {losses[-1]:.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"any of {', '.join(MODELS)}; all of them by default")
    torch.set_num_threads(1)
    for wanted in parser.parse_args().names or MODELS:
        make(wanted)
