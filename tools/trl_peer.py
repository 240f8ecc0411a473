"""GRPO steps of TRL's GRPOTrainer on the CPU, for src/bench/scripts/grpo-step.ts.

Reads {"model", "prompts": [{"text", "numbers", "target"}], "groupSize", "questionsPerStep", "maxTokens", "learningRate",
"klWeight", "steps"} from stdin and prints {"trl", "torch", "transformers", "seconds": of each step, "tokens": mean length
of a response in each step}. float32, all threads, TRL's own generation, one update a rollout.
"""
import json
import os
import re
import sys
import tempfile
import time

import torch
import transformers
import trl
from datasets import Dataset

asked = json.load(sys.stdin)
torch.set_num_threads(os.cpu_count())
responses = asked["groupSize"] * asked["questionsPerStep"]


def accuracy(completions, numbers, target, **_):
    """1 where the answer uses the numbers once each and is worth the target."""

    def right(text, own, goal):
        found = re.search(r"<answer>([0-9+*/() -]*)</answer>\s*$", text)
        if found is None or sorted(map(int, re.findall(r"\d+", found[1]))) != sorted(own):
            return 0.0
        try:
            return float(abs(eval(found[1]) - goal) < 1e-9)
        except (SyntaxError, ZeroDivisionError, TypeError):
            return 0.0

    return [right(text, own, goal) for text, own, goal in zip(completions, numbers, target)]


def form(completions, **_):
    """1 where thinking and answer stand in their tags."""
    return [float(re.fullmatch(r"\s*<think>.*</think>\s*<answer>.*</answer>\s*", text, re.S) is not None) for text in completions]


class Clock(transformers.TrainerCallback):
    seconds, tokens = [], []

    def on_step_begin(self, *_, **__):
        self.start = time.perf_counter()

    def on_step_end(self, *_, **__):
        self.seconds.append(time.perf_counter() - self.start)

    def on_log(self, *_, logs=None, **__):
        if "completions/mean_length" in logs:
            self.tokens.append(logs["completions/mean_length"])


model = transformers.AutoModelForCausalLM.from_pretrained(asked["model"], dtype=torch.float32)
tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(asked["model"])
rows = [{"prompt": p["text"], "numbers": p["numbers"], "target": p["target"]} for p in asked["prompts"]]
clock = Clock()
with tempfile.TemporaryDirectory() as folder:
    trl.GRPOTrainer(
        model=model,
        processing_class=tokenizer,
        reward_funcs=[accuracy, form],
        train_dataset=Dataset.from_list(rows),
        callbacks=[clock],
        args=trl.GRPOConfig(
            output_dir=folder,
            use_cpu=True,
            bf16=False,
            per_device_train_batch_size=responses,
            num_generations=asked["groupSize"],
            max_completion_length=asked["maxTokens"],
            learning_rate=asked["learningRate"],
            beta=asked["klWeight"],
            temperature=1.0,
            max_steps=asked["steps"],
            gradient_checkpointing=False,
            shuffle_dataset=False,
            logging_steps=1,
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
        ),
    ).train()
print(
    json.dumps(
        {
            "trl": trl.__version__,
            "torch": torch.__version__.split("+")[0],
            "transformers": transformers.__version__,
            "seconds": clock.seconds,
            "tokens": clock.tokens,
        }
    )
)
