"""The rl_loop of Thinking Machines' cookbook on `r1 serve-engine`, as it is installed: only what it would fetch from
the hub is given to it from here, questions, tokenizer and renderer, and a reward that reads <answer> tags.

    python3.12 -m venv venv && venv/bin/pip install "tinker-cookbook[math-rl]"
    r1 serve-engine models/pocket-base --port 8000
    TINKER_API_KEY=tml-any venv/bin/python tools/tinker-sdk/cookbook_rl_loop.py models/pocket-base [BATCHES]

Prints the mean reward of each batch.
"""
import os
import random
import re
import sys
import tempfile
from importlib.metadata import version

import datasets
from tinker import types
from tinker_cookbook.recipes import rl_loop
from tinker_cookbook.renderers.role_colon import RoleColonRenderer
from transformers import PreTrainedTokenizerFast

folder = sys.argv[1]
batches = int(sys.argv[2]) if len(sys.argv) > 2 else 4
BATCH = 4
TEMPLATE = (
    "A conversation between User and Assistant. The user asks a question, and the Assistant solves it. The assistant "
    "first thinks about the reasoning process in the mind and then provides the user with the answer. The reasoning "
    "process and answer are enclosed within <think> </think> and <answer> </answer> tags, respectively, i.e., <think> "
    "reasoning process here </think> <answer> answer here </answer>. User: {}. Assistant:"
)


class R1ZeroRenderer(RoleColonRenderer):
    """R1-Zero's template, which has room for the last question alone."""

    def build_generation_prompt(self, messages, **_):
        question = messages[-1]["content"].partition(" Provide ")[0]
        return types.ModelInput.from_ints(tokens=self.tokenizer.encode(TEMPLATE.format(question)))

    def get_stop_sequences(self):
        return [self.tokenizer.eos_token_id]


def questions(*_):
    draw = random.Random(1)
    rows = []
    for _ in range(batches * BATCH):
        a, b, c = sorted((draw.randint(2, 40) for _ in range(3)), reverse=True)
        rows.append({"question": f"Compute {a} + {b} - {c}", "answer": str(a + b - c)})
    return datasets.DatasetDict({"train": datasets.Dataset.from_list(rows)})


def reward(response, answer):
    found = re.findall(r"<answer>(.*?)</answer>", response)
    return float(len(found) == 1) + float(len(found) == 1 and found[0].replace(" ", "") == answer)


rl_loop.get_tokenizer = PreTrainedTokenizerFast.from_pretrained
rl_loop.model_info.get_recommended_renderer_name = lambda _: "R1-Zero"
rl_loop.renderers.get_renderer = lambda _, tokenizer: R1ZeroRenderer(tokenizer)
rl_loop.datasets.load_dataset = questions
rl_loop.get_reward = reward

log = tempfile.mkdtemp()
print(f"tinker-cookbook {version('tinker-cookbook')}, tinker {version('tinker')}", flush=True)
rl_loop.main(
    rl_loop.Config(
        base_url=os.environ.get("TINKER_BASE_URL", "http://127.0.0.1:8000"),
        log_path=log,
        model_name=folder,
        batch_size=BATCH,
        group_size=8,
        learning_rate=1e-3,
        lora_rank=8,
        save_every=2,
        max_tokens=48,
    )
)
with open(os.path.join(log, "metrics.jsonl")) as lines:
    print(lines.read())
