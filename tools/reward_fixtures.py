"""Records what TRL's own reward functions return, for src/rewards/.

    python3 -m venv venv && venv/bin/pip install --no-deps trl packaging accelerate
    venv/bin/python tools/reward_fixtures.py     writes test/golden/fixtures/trl-rewards.json

No torch and no math-verify: the cosine reward's verifier is replaced by the correctness given here. Token ids of the
repetition cases stand for words, so that a text of the same words repeats in the same places.
"""

import json
import platform
from pathlib import Path

import trl
from trl.rewards import accuracy_rewards, format_rewards, other_rewards

OUT = Path(__file__).resolve().parent.parent / "test" / "golden" / "fixtures" / "trl-rewards.json"

FORMAT = [
    "<think>\na b\n</think>\nthe answer",
    "<think>a b</think>the answer",
    "<think>\na b\nthe answer",
    "a b\n</think>\nthe answer",
    "the answer",
    "",
    "first <think>a</think> the answer",
    "<think>a</think> then <think>b</think> the answer",
    "<think>a<think>b</think> the answer",
    "<think>a</think><answer>3</answer>",
    "<think>a\n\n</think>\n\n\\boxed{3}\n",
    "<THINK>a</THINK> b",
    # Where ours is stricter or laxer, each for a reason the test states.
    "<think></think> the answer",
    "<think>a</think>",
    "<think>a</think> b </think> c",
    " \n<think>a</think> b",
]
COSINE = [
    dict(max_len=100),
    dict(max_len=1000, min_value_wrong=-10.0, max_value_wrong=-5.0, min_value_correct=1.0, max_value_correct=2.0),
    dict(max_len=64, min_value_wrong=0.0, max_value_wrong=0.0, min_value_correct=0.2, max_value_correct=1.0),
]
LENGTHS = [0, 1, 25, 50, 64, 99, 100, 101, 500, 1000, 2000]
OVERLONG = [(100, 20), (20480, 4096), (50, 50), (50, 0)]
OVERLONG_LENGTHS = [0, 1, 50, 51, 80, 81, 90, 99, 100, 101, 16384, 16385, 18432, 20480, 20481]
REPETITION = ["1 2 3 4", "5 5 5 5 5", "1 2 1 2 1 2", "1 2 3 1 2 3 4", "7", "", "1 2", "9 9 9", "3 1 4 1 5 9 2 6 5 3 5 8 9 7 9"]
REPETITION_OPTIONS = [(1, -1.0), (2, -1.0), (3, -0.5), (4, -2.0), (3, 0.0)]


def cosine_cases() -> list[dict]:
    cases = []
    for options in COSINE:
        for correct in (True, False, None):
            accuracy_rewards.accuracy_reward = lambda completions, solution: [
                None if correct is None else float(correct) for _ in completions
            ]
            score = accuracy_rewards.get_cosine_scaled_reward(**options)
            ids = [[0] * length for length in LENGTHS]
            values = score([None] * len(ids), [None] * len(ids), ids)
            cases.append({"options": options, "correct": correct, "lengths": LENGTHS, "values": values})
    return cases


def overlong_cases() -> list[dict]:
    ids = [[0] * length for length in OVERLONG_LENGTHS]
    return [
        {
            "maxTokens": longest,
            "cacheTokens": cache,
            "lengths": OVERLONG_LENGTHS,
            "values": other_rewards.get_soft_overlong_punishment(longest, cache)(ids),
        }
        for longest, cache in OVERLONG
    ]


def repetition_cases() -> list[dict]:
    ids = [[int(token) for token in text.split()] for text in REPETITION]
    return [
        {
            "ngramSize": size,
            "maxPenalty": penalty,
            "texts": REPETITION,
            "values": other_rewards.get_repetition_penalty_reward(size, penalty)(ids),
        }
        for size, penalty in REPETITION_OPTIONS
    ]


fixture = {
    "versions": {"python": platform.python_version(), "trl": trl.__version__},
    "thinkFormat": [
        {"text": text, "value": format_rewards.think_format_reward([[{"content": text}]])[0]} for text in FORMAT
    ],
    "cosine": cosine_cases(),
    "overlong": overlong_cases(),
    "repetition": repetition_cases(),
}
OUT.write_text(json.dumps(fixture, indent=1) + "\n")
print(f"wrote {OUT}")
