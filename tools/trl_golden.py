"""Records what TRL's own GRPO trainer computes on one fixed batch, for src/objectives/.

    python tools/trl_golden.py     writes test/golden/fixtures/trl-losses.json

A real GRPOTrainer is built around a toy model; its `_compute_loss` and `_generate_and_score_completions` run as
shipped. Replaced are only the places where numbers come in: generation, the rewards, and
`_get_per_token_logps_and_entropies`, which answers with a float64 leaf so that d(loss)/d(logprob) can be read off.
"""

import json
import platform
import tempfile
from pathlib import Path

import torch
import transformers
import trl
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import GRPOConfig, GRPOTrainer

OUT = Path(__file__).resolve().parent.parent / "test" / "golden" / "fixtures" / "trl-losses.json"
GROUP = 4
LENGTHS = [3, 7, 5, 2, 6, 1, 4, 7, 5, 5, 3, 6]
MAX_COMPLETION = 10
ADVANTAGES = [1.2, -0.7, -0.9, 0.4, 0.8, -1.3, 0.1, 0.4, 0.0, 1.5, -0.6, -0.9]
# Groups: mixed, all equal, binary, one that did not apply (None), with two rewards.
REWARDS = [
    [1.0, 0.0, 0.0, 1.0] + [1.0, 1.0, 1.0, 1.0] + [0.0, 0.0, 0.0, 1.0] + [0.25, 2.0, -1.0, 0.5],
    [0.5, 0.5, 0.0, 0.0] + [0.5, 0.5, 0.5, 0.5] + [0.0, None, 0.5, 0.5] + [0.0, 0.5, 0.5, 0.0],
]
REWARD_WEIGHTS = [1.0, 0.5]

# name -> (GRPOConfig fields, attributes set on the trainer, inputs left out)
LOSSES = {
    "grpo": dict(loss_type="grpo"),
    "bnpo": dict(loss_type="bnpo"),
    "dr_grpo": dict(loss_type="dr_grpo"),
    "dapo": dict(loss_type="dapo"),
    "grpo, paper range and KL": dict(loss_type="grpo", epsilon=10.0, beta=0.001),
    "dapo, clip higher": dict(loss_type="dapo", epsilon=0.2, epsilon_high=0.6),
    "grpo, KL": dict(loss_type="grpo", beta=0.04),
    "grpo, unbiased KL": dict(loss_type="grpo", beta=0.04, use_bias_correction_kl=True),
    "dr_grpo, KL": dict(loss_type="dr_grpo", beta=0.04),
    "dapo, KL": dict(loss_type="dapo", beta=0.04),
    "grpo, two-sided": dict(loss_type="grpo", delta=1.25),
    "grpo, two-sided and wide": dict(loss_type="grpo", epsilon=0.2, epsilon_high=0.6, delta=1.8, beta=0.001),
    "gspo": dict(loss_type="grpo", importance_sampling_level="sequence", epsilon=0.05, epsilon_high=0.08),
    "gspo, KL": dict(loss_type="grpo", importance_sampling_level="sequence", epsilon=0.05, beta=0.04),
    "gspo, unbiased KL": dict(
        loss_type="grpo", importance_sampling_level="sequence", beta=0.04, use_bias_correction_kl=True
    ),
    "cispo": dict(loss_type="cispo", epsilon_high=1.3),
    "cispo, KL": dict(loss_type="cispo", epsilon_high=5.0, beta=0.04),
    "cispo, sequence level": dict(loss_type="cispo", epsilon_high=1.02, importance_sampling_level="sequence"),
    "grpo, entropy bonus": dict(loss_type="bnpo", entropy_coef=0.01),
    "dapo, token truncated sampler ratio": dict(
        loss_type="dapo", vllm_importance_sampling_mode="token_truncate", vllm_importance_sampling_clip_max=1.2
    ),
    "dapo, token masked sampler ratio": dict(
        loss_type="dapo",
        vllm_importance_sampling_mode="token_mask",
        vllm_importance_sampling_clip_min=0.85,
        vllm_importance_sampling_clip_max=1.2,
    ),
    "grpo, sequence truncated sampler ratio": dict(
        loss_type="grpo",
        beta=0.04,
        vllm_importance_sampling_mode="sequence_truncate",
        vllm_importance_sampling_clip_max=1.1,
    ),
    "grpo, sequence masked sampler ratio": dict(
        loss_type="grpo", vllm_importance_sampling_mode="sequence_mask", vllm_importance_sampling_clip_max=1.1
    ),
    "grpo, off-policy mask": dict(loss_type="grpo", off_policy_mask_threshold=0.03, beta=0.04),
    "on policy, grpo": dict(loss_type="grpo", beta=0.04),
    "on policy, unbiased KL": dict(loss_type="dapo", beta=0.04, use_bias_correction_kl=True),
}
ADVANTAGE_CASES = {
    "group": dict(scale_rewards="group"),
    "batch": dict(scale_rewards="batch"),
    "none": dict(scale_rewards="none"),
}


def tokenizer():
    words = Tokenizer(models.WordLevel({"<end>": 0, "a": 1, "b": 2, "c": 3}, unk_token="a"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(tokenizer_object=words, eos_token="<end>", pad_token="<end>")


def trainer(folder, size, **fields):
    shape = dict(hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1)
    LlamaForCausalLM(LlamaConfig(vocab_size=4, eos_token_id=0, **shape)).save_pretrained(folder)
    rewards = REWARDS if size == len(REWARDS[0]) else [[0.0] * size]
    answers = [lambda values=values, **_: values for values in rewards]
    for number, answer in enumerate(answers):
        answer.__name__ = f"reward{number}"
    config = GRPOConfig(
        output_dir=folder,
        per_device_train_batch_size=size,
        num_generations=GROUP,
        max_completion_length=MAX_COMPLETION,
        use_cpu=True,
        bf16=False,
        report_to=[],
        reward_weights=REWARD_WEIGHTS[: len(rewards)],
        **{"use_bias_correction_kl": False, **fields},
    )
    made = GRPOTrainer(
        model=folder,
        reward_funcs=answers,
        args=config,
        train_dataset=Dataset.from_list([{"prompt": "a"}] * size),
        processing_class=tokenizer(),
    )
    made.model.train()
    made.current_gradient_accumulation_steps = 1
    return made


def fixed_batch():
    generator = torch.Generator().manual_seed(1)
    rows, width = len(LENGTHS), max(LENGTHS)

    def normal(scale):
        return torch.randn(rows, width, generator=generator, dtype=torch.float64) * scale

    mask = (torch.arange(width)[None] < torch.tensor(LENGTHS)[:, None]).long()
    old = -normal(1.0).abs() - 0.05
    return {
        "mask": mask,
        "logprobs": (old + normal(0.45)).clamp(max=-1e-3),
        "oldLogprobs": old,
        "samplerLogprobs": old + normal(0.15),
        "referenceLogprobs": old + normal(0.4),
        "entropies": normal(0.5).abs() + 0.1,
    }


def sampler_ratio(made, batch):
    """The ratio as the trainer's own generation step computes it, from the same two sets of log-probabilities."""
    rows = [r[:n].tolist() for r, n in zip(batch["samplerLogprobs"], LENGTHS, strict=True)]
    completions = [[1] * n for n in LENGTHS]
    made.use_vllm, made.vllm_importance_sampling_correction = True, True
    made._generate = lambda prompts: ([[1]] * len(prompts), completions, None, ["a"] * len(prompts), rows, {}, None, None)
    made._get_per_token_logps_and_entropies = lambda *_, **__: (batch["oldLogprobs"].float(), None, None)
    return made._generate_and_score_completions([{"prompt": "a"}] * len(completions))["importance_sampling_ratio"]


def record_loss(folder, name, fields, batch):
    made = trainer(folder, len(LENGTHS), **fields)
    logprobs = batch["logprobs"].clone().requires_grad_()
    entropies = batch["entropies"].clone().requires_grad_()
    inputs = {
        "prompt_ids": torch.ones(len(LENGTHS), 1, dtype=torch.long),
        "prompt_mask": torch.ones(len(LENGTHS), 1, dtype=torch.long),
        "completion_ids": torch.ones_like(batch["mask"]),
        "completion_mask": batch["mask"],
        "advantages": torch.tensor(ADVANTAGES, dtype=torch.float64),
        "old_per_token_logps": batch["oldLogprobs"],
        "ref_per_token_logps": batch["referenceLogprobs"],
        "num_items_in_batch": batch["mask"].sum(),
    }
    if name.startswith("on policy"):
        del inputs["old_per_token_logps"]
    ratio = None
    if "vllm_importance_sampling_mode" in fields:
        ratio = sampler_ratio(made, batch).double()
        inputs["importance_sampling_ratio"] = ratio
    made._get_per_token_logps_and_entropies = lambda *_, **__: (logprobs, entropies, None)
    made._metrics["train"].clear()
    loss = made._compute_loss(made.model, inputs)
    loss.backward()
    result = {
        "name": name,
        "config": fields,
        "loss": loss.item(),
        "gradient": ragged(logprobs.grad),
        "metrics": {key: values[0] for key, values in made._metrics["train"].items()},
    }
    if entropies.grad is not None:
        result["entropyGradient"] = ragged(entropies.grad)
    if ratio is not None:
        result["samplerRatio"] = ragged(ratio.expand_as(batch["mask"]))
    return result


def record_advantages(folder, name, fields):
    size = len(REWARDS[0])
    made = trainer(folder, size, **fields)
    made._generate = lambda prompts: ([[1]] * size, [[1, 0]] * size, None, ["a"] * size, None, {}, None, None)
    made._get_per_token_logps_and_entropies = lambda *_, **__: (torch.zeros(size, 2), None, None)
    output = made._generate_and_score_completions([{"prompt": "a"}] * size)
    return {"name": name, "config": fields, "advantages": output["advantages"].tolist()}


def ragged(tensor):
    return [row[:n].tolist() for row, n in zip(tensor, LENGTHS, strict=True)]


def main():
    batch = fixed_batch()
    with tempfile.TemporaryDirectory() as folder:
        losses = [record_loss(folder, name, fields, batch) for name, fields in LOSSES.items()]
        advantages = [record_advantages(folder, name, fields) for name, fields in ADVANTAGE_CASES.items()]
    record = {
        "madeBy": "tools/trl_golden.py",
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "trl": trl.__version__,
        },
        "groupSize": GROUP,
        "maxCompletionLength": MAX_COMPLETION,
        "advantages": ADVANTAGES,
        **{key: ragged(value) for key, value in batch.items() if key != "mask"},
        "losses": losses,
        "rewards": REWARDS,
        "rewardWeights": REWARD_WEIGHTS,
        "groupAdvantages": advantages,
    }
    OUT.write_text(json.dumps(record, indent=1) + "\n")
    for case in losses:
        print(f"{case['name']:45s} {case['loss']:+.9f}  {case['metrics']}")
    for case in advantages:
        print(case["name"], [round(a, 4) for a in case["advantages"]])


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
