"""Records what TRL makes of one fixed batch of values and scores, for src/objectives/.

    pip download --no-deps trl==0.29.0 && unzip trl-0.29.0-*.whl -d FOLDER
    python tools/value_golden.py FOLDER     writes test/golden/fixtures/trl-values.json

TRL 0.29 is the last version with a PPO trainer. Its advantages and its critic's loss, and the loss of its reward
trainer, stand in the middle of long methods: those lines are cut out of the sources as they are, and run on float64
tensors. The gradient is torch's.
"""

import ast
import json
import platform
import re
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import torch
from torch import nn

OUT = Path(__file__).resolve().parent.parent / "test" / "golden" / "fixtures" / "trl-values.json"
LENGTHS = [5, 2, 6, 1]
CASES = {
    "gamma 1, lambda 1": dict(gamma=1.0, lam=1.0, cliprange_value=0.2),
    "gamma 1, lambda 0.95": dict(gamma=1.0, lam=0.95, cliprange_value=0.2),
    "gamma 0.9, lambda 0.5, wide clip": dict(gamma=0.9, lam=0.5, cliprange_value=10.0),
}


def cut(source, first, last):
    """The lines from the one that begins with `first` to the next that begins with `last`, less their indentation."""
    body = re.search(rf"^[ ]*{re.escape(first)}.*?^[ ]*{re.escape(last)}[^\n]*$", source, re.M | re.S)
    return textwrap.dedent(body.group(0))


def functions(source, names, namespace):
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name in names:
            exec(ast.get_source_segment(source, node), namespace)


def ragged(tensor):
    return [row[:n].tolist() for row, n in zip(tensor, LENGTHS, strict=True)]


def main(trl):
    ppo = (trl / "trl/experimental/ppo/ppo_trainer.py").read_text()
    reward = (trl / "trl/trainer/reward_trainer.py").read_text()
    generator = torch.Generator().manual_seed(3)
    width = max(LENGTHS)
    normal = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)
    padding = torch.arange(width)[None] >= torch.tensor(LENGTHS)[:, None]
    rewards = (0.1 * normal(len(LENGTHS), width)).masked_fill(padding, 0)
    rewards[torch.arange(len(LENGTHS)), torch.tensor(LENGTHS) - 1] += torch.tensor([1.0, 0.0, 1.0, 0.5], dtype=torch.float64)
    values = normal(len(LENGTHS), width).masked_fill(padding, 0)
    moved = (values + 0.3 * normal(len(LENGTHS), width)).masked_fill(padding, 0)

    cases = []
    for name, settings in CASES.items():
        space = dict(torch=torch, args=SimpleNamespace(**settings), rewards=rewards, values=values, padding_mask=padding)
        space["responses"] = torch.zeros(len(LENGTHS), width)
        functions(ppo, {"masked_mean", "masked_var", "masked_whiten"}, space)
        # What TRL pads with is zero up to the end, so the padding adds nothing to the advantages before it.
        exec(cut(ppo, "lastgaelam = 0", "returns = advantages + values"), space)
        plain = space["advantages"]
        exec(cut(ppo, "advantages = masked_whiten", "advantages = torch.masked_fill"), space)
        vpred = moved.clone().requires_grad_()
        space |= dict(vpred=vpred, mb_values=values, mb_return=space["returns"], padding_mask_p1=padding)
        space["micro_batch_inds"] = slice(None)
        exec(cut(ppo, "vpredclipped = torch.clamp(", "vf_loss = 0.5"), space)
        space["vf_loss"].backward()
        cases.append(
            {
                "name": name,
                **settings,
                "advantages": ragged(plain),
                "returns": ragged(space["returns"]),
                "whitened": ragged(space["advantages"]),
                "loss": space["vf_loss"].item(),
                "gradient": ragged(vpred.grad),
            }
        )

    scores = (2 * normal(2, 5)).requires_grad_()
    space = dict(nn=nn, rewards_chosen=scores[0], rewards_rejected=scores[1])
    exec(re.search(r"^ *else:\n *(loss = -nn\.functional\.logsigmoid[^\n]*)", reward, re.M).group(1), space)
    space["loss"].backward()
    pairs = {"scores": scores.tolist(), "loss": space["loss"].item(), "gradient": scores.grad.tolist()}

    record = {
        "madeBy": "tools/value_golden.py",
        "versions": {"python": platform.python_version(), "torch": torch.__version__, "trl": "0.29.0"},
        "rewards": ragged(rewards),
        "values": ragged(values),
        "moved": ragged(moved),
        "cases": cases,
        "pairs": pairs,
    }
    OUT.write_text(json.dumps(record) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
