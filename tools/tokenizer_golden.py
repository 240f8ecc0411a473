"""Makes two small byte-level BPE tokenizers and records what Python's tokenizers does with awkward strings.

    python tools/tokenizer_golden.py     writes test/golden/fixtures/tokenizers/

words   no merges, `ignore_merges`: a piece found in the vocabulary is one token, any other falls to bytes
merges  trained merges, the pre-tokenizer of Qwen2 and Llama 3 (digits in threes), NFC, a begin token, added tokens
"""

import json
import platform
from pathlib import Path

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

OUT = Path(__file__).resolve().parent.parent / "test" / "golden" / "fixtures" / "tokenizers"
END, BEGIN = "<|end|>", "<|begin|>"
WORDS = r" ?</?(?:think|answer)>| ?\p{L}+| ?\p{N}+| ?[^ \p{L}\p{N}]| "
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

STRINGS = [
    "",
    " ",
    "wait",
    " try 8 + 3 = 11 * 5 = 55 from 60 no",
    "<think> so </think> <answer> 8 + 3 </answer>",
    f"{BEGIN}<think>\nLet me check: 12345 / 678 = 18.2\n</think>\n\n<answer>18.2</answer>{END}",
    "所以 答案是 7，对吗？等等。",
    "mixed 中文 and English，no space试试",
    "emoji 👩‍🔬 and 🙂🙃 flags 🇫🇷",
    "cafe\u0301 Å ﬁ ½ ٣ Ⅷ",
    "I'll DON'T we've",
    "  two  spaces\t\ttabs \n\n  newlines\r\n",
    "a\u00a0b\u200bc\u3000d\ufeffe",
    "x" * 40,
    "\\frac{1}{2} $x^2$ \\boxed{42}",
    "<|end|><|end|> not <|enD|> <| end|>",
    "\u0000\u0007\u007f\ud7ff\U0010fffd",
]


def byte_spelling():
    return sorted(pre_tokenizers.ByteLevel.alphabet())


def spell(text):
    return "".join(p for p, _ in pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False).pre_tokenize_str(text))


def split(pattern):
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )


def words():
    known = "wait| wait| try| from| no| so|<think>| <think>| </think>|</think>| <answer>| </answer>| and| 所以| 答案是| 等等|，"
    vocabulary = [END, *byte_spelling(), *(spell(w) for w in known.split("|")), *(spell(f" {n}") for n in range(61))]
    tokenizer = Tokenizer(
        models.BPE(vocab={t: i for i, t in enumerate(dict.fromkeys(vocabulary))}, merges=[], ignore_merges=True)
    )
    tokenizer.pre_tokenizer = split(WORDS)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(END, special=True, normalized=False)])
    return tokenizer, {"eos_token": END, "pad_token": END, "bos_token": None}


def merges():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = split(LLAMA3)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=460, initial_alphabet=byte_spelling(), special_tokens=[BEGIN, END], show_progress=False
    )
    tokenizer.train_from_iterator([s.replace(BEGIN, "").replace(END, "") for s in STRINGS * 3], trainer)
    tokenizer.add_tokens([AddedToken("<think>", normalized=False), AddedToken("</think>", normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A", special_tokens=[(BEGIN, tokenizer.token_to_id(BEGIN))]
    )
    added = {"__type": "AddedToken", "content": BEGIN, "special": True}
    template = "{% for m in messages %}{{ m.content }}{% endfor %}"
    return tokenizer, {
        "bos_token": added,
        "eos_token": END,
        "clean_up_tokenization_spaces": True,
        "chat_template": [{"name": "tool_use", "template": "none"}, {"name": "default", "template": template}],
    }


def record(name, tokenizer, config):
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n")
    cases = []
    for text in STRINGS:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        cases.append(
            {
                "text": text,
                "ids": ids,
                "idsWithSpecialTokens": tokenizer.encode(text).ids,
                "decoded": tokenizer.decode(ids, skip_special_tokens=False),
                "decodedWithoutSpecialTokens": tokenizer.decode(ids),
            }
        )
    golden = {
        "madeBy": "tools/tokenizer_golden.py",
        "versions": {"python": platform.python_version(), "tokenizers": tokenizers.__version__},
        "vocabSize": tokenizer.get_vocab_size(),
        "cases": cases,
    }
    (folder / "golden.json").write_text(json.dumps(golden, indent=None, ensure_ascii=True).replace('{"text"', '\n{"text"') + "\n")
    print(name, tokenizer.get_vocab_size(), "tokens", sum(len(c["ids"]) for c in cases), "ids")


record("words", *words())
record("merges", *merges())
