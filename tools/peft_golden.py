"""Makes test/golden/fixtures/lora-tiny: a PEFT adapter for llama-tiny and the log-probabilities of both together.

    python tools/peft_golden.py

With a folder as argument it loads that adapter (one that r1 wrote) and prints the log-probabilities as JSON instead.
"""

import json
import sys
from pathlib import Path

import peft
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model

FIXTURES = Path(__file__).resolve().parent.parent / "test" / "golden" / "fixtures"
BASE, NAME = "llama-tiny", "lora-tiny"


def base():
    return transformers.AutoModelForCausalLM.from_pretrained(
        FIXTURES / BASE, attn_implementation="eager", dtype=torch.float32
    )


def logprobs(model):
    sequences = json.loads((FIXTURES / BASE / "golden.json").read_text())["sequences"]
    with torch.no_grad():
        return [
            torch.log_softmax(model(torch.tensor([s])).logits[0, :-1], -1)
            .gather(-1, torch.tensor(s[1:])[:, None])[:, 0]
            .tolist()
            for s in sequences
        ]


if len(sys.argv) > 1:
    print(json.dumps(logprobs(PeftModel.from_pretrained(base(), sys.argv[1]).eval())))
else:
    torch.manual_seed(1)
    config = LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "down_proj"])
    model = get_peft_model(base(), config).eval()
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.3)
    folder = FIXTURES / NAME
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    file = folder / "adapter_config.json"
    config = json.loads(file.read_text())
    config["base_model_name_or_path"] = BASE
    config["target_modules"] = sorted(config["target_modules"])
    file.write_text(json.dumps(config, indent=2) + "\n")
    record = {
        "madeBy": "tools/peft_golden.py",
        "versions": {"peft": peft.__version__, "torch": torch.__version__, "transformers": transformers.__version__},
        "logprobs": logprobs(model),
    }
    (folder / "golden.json").write_text(json.dumps(record) + "\n")
