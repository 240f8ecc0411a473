"""The Python files of docs/reward-service.md against `r1 serve-rewards`, called as OpenRLHF, verl and TRL call them.

    python3 tools/reward_glue.py            # standard library only; torch's part is skipped without torch
    venv/bin/python tools/reward_glue.py    # with TRL: two steps of its GRPOTrainer on a tiny random model as well

Starts the server itself, with a key. Prints what it checked; an assertion says what failed.
"""
import importlib.util, json, os, re, subprocess, tempfile, urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RIGHT = "<think> one half </think> <answer> 0.5 </answer>"
WRONG = "<think> one </think> <answer> 2 </answer>"
PROMPT = "<|im_start|>user\nWhat is 1/2?<|im_end|>\n<|im_start|>assistant\n"


def glue(folder):
    """The modules of the document, by name."""
    text = (ROOT / "docs/reward-service.md").read_text()
    modules = {}
    for name, body in re.findall(r"```python\n# (\w+)\.py\n(.*?)```", text, re.S):
        path = Path(folder) / f"{name}.py"
        path.write_text(body)
        if "import torch" in body and importlib.util.find_spec("torch") is None:
            print(f"{name}: skipped, torch is not installed")
            continue
        spec = importlib.util.spec_from_file_location(name, path)
        modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(modules[name])
    return modules


def open_rlhf_over_http():
    """What OpenRLHF's single-turn agent posts and reads; the key is this script's, OpenRLHF sends none."""
    body = {"query": [PROMPT + RIGHT + "<|im_end|>"], "prompts": [PROMPT], "labels": ["1/2"]}
    request = urllib.request.Request(
        os.environ["R1_REWARDS"] + "/get_reward",
        json.dumps(body).encode(),
        {"content-type": "application/json", "authorization": "Bearer " + os.environ["R1_API_KEY"]},
    )
    info = json.load(urllib.request.urlopen(request))
    assert info == {"rewards": [2], "scores": [1], "extra_logs": {"accuracy": [1], "format": [1]}}, info
    print("OpenRLHF over HTTP: right")


def open_rlhf(module):
    queries = [PROMPT + RIGHT + "<|im_end|>", PROMPT + WRONG]
    info = module.reward_func(queries, [PROMPT] * 2, ["1/2"] * 2)
    assert info["rewards"].tolist() == [2, 1] and info["scores"].tolist() == [1, 0], info
    assert info["extra_logs"]["format"].tolist() == [1, 1], info
    print("openrlhf_reward.py: right")


def verl(module):
    one = module.compute_score(
        data_source="openai/gsm8k", solution_str=RIGHT, ground_truth="1/2", extra_info={"index": 0}
    )
    assert one == {"score": 2, "acc": 1, "accuracy": 1, "format": 1}, one
    many = module.compute_score(
        data_sources=["a", "a"], solution_strs=[RIGHT, WRONG], ground_truths=["1/2", "1/2"], extra_infos=[None, None]
    )
    assert [score["score"] for score in many] == [2, 1], many
    print("verl_reward.py: right, one and many")


def trl(module):
    rewards = module.r1_reward(
        prompts=["What is 1/2?"] * 2,
        completions=[[{"role": "assistant", "content": RIGHT}], WRONG],
        completion_ids=[[1, 2], [3]],
        answer=["1/2", "1/2"],
        trainer_state=object(),
    )
    assert rewards == [2, 1], rewards
    print("trl_reward.py: right")


def trl_trainer(module, folder):
    """Two steps of GRPO on a random model: the reward must get through TRL, whatever it is."""
    if importlib.util.find_spec("trl") is None:
        print("TRL's trainer: skipped, trl is not installed")
        return
    from datasets import Dataset
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM
    from trl import GRPOConfig, GRPOTrainer
    from transformers import __version__ as transformers_version
    from trl import __version__ as trl_version

    words = ["<pad>", "<eos>", "<unk>", "<think>", "</think>", "<answer>", "</answer>", "0", "1", "2", "."]
    vocabulary = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    vocabulary.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=vocabulary, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>"
    )
    config = Qwen2Config(
        vocab_size=len(words), hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
        num_key_value_heads=2, max_position_embeddings=64, pad_token_id=0, eos_token_id=1, bos_token_id=1,
    )
    seen = []

    def counted(**kwargs):
        rewards = module.r1_reward(**kwargs)
        seen.extend(rewards)
        return rewards

    trainer = GRPOTrainer(
        model=Qwen2ForCausalLM(config),
        processing_class=tokenizer,
        reward_funcs=counted,
        train_dataset=Dataset.from_dict({"prompt": ["1 . 2"] * 8, "answer": ["1"] * 8}),
        args=GRPOConfig(
            output_dir=folder, max_steps=2, num_generations=4, per_device_train_batch_size=4, max_completion_length=8,
            report_to=[], use_cpu=True, bf16=False, logging_steps=1,
        ),
    )
    trainer.train()
    logged = [line["reward"] for line in trainer.state.log_history if "reward" in line]
    assert len(seen) >= 8 and all(0 <= reward <= 2 for reward in seen), seen
    assert abs(sum(logged) / len(logged) - sum(seen) / len(seen)) < 1e-6, (logged, seen)
    print(f"TRL {trl_version}'s GRPOTrainer (transformers {transformers_version}): {len(seen)} rewards in {len(logged)} steps")


def main():
    os.environ["R1_API_KEY"] = "glue"
    server = subprocess.Popen(
        ["node", str(ROOT / "bin/r1.mjs"), "serve-rewards", "--port", "0", "--json"], stdout=subprocess.PIPE, text=True
    )
    try:
        listening = json.loads(server.stdout.readline())
        os.environ["R1_REWARDS"] = listening["url"]
        with tempfile.TemporaryDirectory() as folder:
            modules = glue(folder)
            open_rlhf_over_http()
            if "openrlhf_reward" in modules:
                open_rlhf(modules["openrlhf_reward"])
            verl(modules["verl_reward"])
            trl(modules["trl_reward"])
            trl_trainer(modules["trl_reward"], folder)
    finally:
        server.terminate()
        server.wait()


main()
