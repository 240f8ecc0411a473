"""Makes small GGUF files with the Python packages gguf and sentencepiece, and what they hold.

    python tools/gguf_golden.py     writes test/golden/fixtures/gguf/

formats.gguf        one tensor of each number format, and formats.safetensors its values as gguf widens them
llama-tiny.gguf     the checkpoint ../llama-tiny as llama.cpp stores it: rows of queries and keys as neighbouring
                    pairs, Llama 3's frequency divisors, its byte-level BPE tokenizer
spm.gguf            a SentencePiece BPE tokenizer without a model, and spm.json ids of awkward strings. None has an
                    added token: text after one begins with a space for llama.cpp and transformers, but not for
                    sentencepiece
"""

import json
import math
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path

import gguf
import numpy as np
import sentencepiece
from gguf import GGMLQuantizationType as Q
from safetensors.numpy import load_file, save_file

FIXTURES = Path(__file__).resolve().parent.parent / "test" / "golden" / "fixtures"
OUT = FIXTURES / "gguf"


def write(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def formats():
    rng = np.random.default_rng(7)
    writer = gguf.GGUFWriter(OUT / "formats.gguf", "llama")
    expected = {}
    for kind in [Q.F32, Q.F16, Q.BF16, Q.Q8_0, Q.Q4_0, Q.Q4_1, Q.Q5_0, Q.Q4_K, Q.Q5_K, Q.Q6_K]:
        block, size = gguf.GGML_QUANT_SIZES[kind]
        if kind in (Q.Q4_K, Q.Q5_K, Q.Q6_K):
            # gguf has no quantiser for these: random bits, with scales that are ordinary numbers.
            data = rng.integers(0, 256, (2, 2 * size), dtype=np.uint8)
            at = [208] if kind == Q.Q6_K else [0, 2]
            for row in data:
                for start in (0, size):
                    for offset in at:
                        row[start + offset : start + offset + 2] = np.array([rng.normal() / 50], np.float16).view(np.uint8)
        else:
            data = gguf.quantize(rng.normal(size=(3, 2 * max(block, 8))).astype(np.float32), kind)
        name = kind.name.lower()
        writer.add_tensor(name, data, raw_dtype=kind)
        expected[name] = np.ascontiguousarray(gguf.dequantize(data, kind).astype(np.float32))
    write(writer)
    save_file(expected, OUT / "formats.safetensors")


def pairs(weight, heads):
    """What llama.cpp's converter does to the projections of queries and keys."""
    return weight.reshape(heads, 2, weight.shape[0] // heads // 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def llama_tiny():
    folder = FIXTURES / "llama-tiny"
    config = json.loads((folder / "config.json").read_text())
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    weights = load_file(folder / "model.safetensors")
    writer = gguf.GGUFWriter(OUT / "llama-tiny.gguf", "llama")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_rope_dimension_count(config["head_dim"])
    scaling = config["rope_scaling"]
    writer.add_rope_scaling_orig_ctx_len(scaling["original_max_position_embeddings"])
    vocabulary = sorted(tokenizer["model"]["vocab"], key=tokenizer["model"]["vocab"].get)
    special = {token["id"] for token in tokenizer["added_tokens"]}
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(vocabulary)
    writer.add_token_types([3 if i in special else 1 for i in range(len(vocabulary))])
    writer.add_token_merges([" ".join(merge) for merge in tokenizer["model"]["merges"]])
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config["num_hidden_layers"])
    for name, weight in weights.items():
        if name.endswith("q_proj.weight"):
            weight = pairs(weight, config["num_attention_heads"])
        if name.endswith("k_proj.weight"):
            weight = pairs(weight, config["num_key_value_heads"])
        writer.add_tensor(names.get_name(name, (".weight", ".bias")), np.ascontiguousarray(weight))
    # As llama.cpp's converter writes them for rope_type llama3.
    base, dim = config["rope_theta"], config["head_dim"]
    original = scaling["original_max_position_embeddings"]
    low, high = original / scaling["low_freq_factor"], original / scaling["high_freq_factor"]
    factors = []
    for frequency in 1.0 / base ** (np.arange(0, dim, 2) / dim):
        wavelength = 2 * math.pi / frequency
        if wavelength < high:
            factors.append(1)
        elif wavelength > low:
            factors.append(scaling["factor"])
        else:
            smooth = (original / wavelength - scaling["low_freq_factor"]) / (
                scaling["high_freq_factor"] - scaling["low_freq_factor"]
            )
            factors.append(1 / ((1 - smooth) / scaling["factor"] + smooth))
    writer.add_tensor("rope_freqs.weight", np.array(factors, dtype=np.float32))
    write(writer)


def spm():
    with tempfile.TemporaryDirectory() as temporary:
        corpus = Path(temporary) / "corpus.txt"
        text = "the cat and the dog sat on the mat; once upon a time there was a little girl who had 12 apples. "
        corpus.write_text("\n".join([text, text.title(), "wait, let me think again about it", "答案 是 对 的"] * 20))
        model = Path(temporary) / "spm"
        sentencepiece.SentencePieceTrainer.train(
            input=str(corpus), model_prefix=str(model), vocab_size=400, model_type="bpe", byte_fallback=True,
            normalization_rule_name="identity", remove_extra_whitespaces=False, add_dummy_prefix=True,
            user_defined_symbols=["<think>", "</think>"], minloglevel=2,
        )  # fmt: skip
        processor = sentencepiece.SentencePieceProcessor(model_file=f"{model}.model")
    writer = gguf.GGUFWriter(OUT / "spm.gguf", "llama")
    size = processor.vocab_size()

    def kind(i):
        for value, test in [(2, processor.is_unknown), (3, processor.is_control), (6, processor.is_byte)]:
            if test(i):
                return value
        return 4 if processor.id_to_piece(i) in ("<think>", "</think>") else 1

    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([processor.id_to_piece(i) for i in range(size)])
    writer.add_token_scores([processor.get_score(i) for i in range(size)])
    writer.add_token_types([kind(i) for i in range(size)])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    write(writer)
    strings = ["the cat sat", "Once upon a time", " two  spaces", "wait 12 apples; 答案 是 42 🙂", "the\nmat", "girl's"]
    strings += ["I'll DON'T we've", "emoji 👩‍🔬 and 🙂🙃 flags 🇫🇷", "cafe\u0301 Å ﬁ ½ ٣ Ⅷ", "tabs\t\t \n\n  newlines\r\n", "x" * 40]
    strings += [" ", "  ", "所以 答案是 7，对吗？等等。"]
    versions = {"gguf": version("gguf"), "sentencepiece": version("sentencepiece"), "python": platform.python_version()}
    cases = [{"text": s, "ids": processor.encode(s), "decoded": processor.decode(processor.encode(s))} for s in strings]
    (OUT / "spm.json").write_text(json.dumps({"versions": versions, "cases": cases}, ensure_ascii=False, indent=1) + "\n")


OUT.mkdir(parents=True, exist_ok=True)
formats()
llama_tiny()
spm()
