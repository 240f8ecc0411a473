"""Makes tiny models with a scalar head with transformers, and what they compute, for test/golden/fixtures/.

    python tools/scalar_head_golden.py [FOLDER]

Without a folder: for each of the checkpoints that hf_golden.py made, `scalar-head/<name>.safetensors` holds
`score.weight`, which is put on the checkpoint's own decoder, `values.<s>` after each token of sequence s of its
golden.json, and the gradient of every parameter of `scalar-head/golden.json`'s loss: the sum over sequences of
weight · (value − target)². With a folder: prints what transformers makes of a model that r1 wrote there.
"""

import json
import platform
import sys
from pathlib import Path

import torch
import transformers
from hf_golden import FIXTURES, per_expert
from safetensors.torch import save_file
from transformers import AutoModelForSequenceClassification

NAMES = ["llama-tiny", "qwen2-tiny", "deepseek-v3-tiny"]
OUT = FIXTURES / "scalar-head"


def load(folder):
    model = AutoModelForSequenceClassification.from_pretrained(
        folder, num_labels=1, dtype=torch.float32, attn_implementation="eager"
    )
    return model.eval()


def values(model, sequence):
    """The head's scores after every token, of which the classifier itself returns the last one."""
    hidden = model.model(torch.tensor([sequence]), use_cache=False).last_hidden_state
    return model.score(hidden)[0, :, 0]


def record(name):
    model = load(FIXTURES / name)
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        weight = model.score.weight
        weight.copy_(torch.randn(weight.shape, generator=generator) / weight.shape[-1] ** 0.5)
    sequences = json.loads((FIXTURES / name / "golden.json").read_text())["sequences"]
    targets = [[(7 * t % 5) / 2 - 1 for t in range(len(s))] for s in sequences]
    weights = [[0.0 if t % 3 == 0 else 0.1 for t in range(len(s))] for s in sequences]
    tensors = {"score.weight": model.score.weight}
    loss = 0
    for s, sequence in enumerate(sequences):
        v = values(model, sequence)
        last = model(torch.tensor([sequence]), use_cache=False).logits[0, 0]
        assert torch.allclose(v[-1], last, atol=1e-5)
        tensors[f"values.{s}"] = v
        loss = loss + (torch.tensor(weights[s]) * (v - torch.tensor(targets[s])) ** 2).sum()
    loss.backward()
    gradients = ((n, p.grad) for n, p in model.named_parameters() if p.grad is not None)
    tensors |= {f"gradient.{n}": g for n, g in per_expert(gradients)}
    save_file({n: t.detach().clone().contiguous() for n, t in tensors.items()}, OUT / f"{name}.safetensors")
    return {"targets": targets, "weights": weights, "loss": loss.item()}


def main():
    if len(sys.argv) > 1:
        model = load(Path(sys.argv[1]))
        print(type(model).__name__, [round(v, 5) for v in values(model, [1, 2, 3, 4]).tolist()])
        return
    OUT.mkdir(exist_ok=True)
    golden = {
        "madeBy": "tools/scalar_head_golden.py",
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        },
        "models": {name: record(name) for name in NAMES},
    }
    (OUT / "golden.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
