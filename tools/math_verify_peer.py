"""Judges rows with Math-Verify (PyPI), the public verifier ours is measured against.

Reads JSON lines {id, gold, prediction, options?} on stdin and writes {id, correct, milliseconds} in order on stdout,
the time being the processor's.
`options` has the field meanings of verifier-examples.jsonl: match_types, precision, strict. Only needed to repeat the
comparison in docs/verifier-math.md; nothing in the package runs Python.

    python3 -m venv /tmp/mv && /tmp/mv/bin/pip install math-verify antlr4-python3-runtime==4.13.2
    /tmp/mv/bin/python tools/math_verify_peer.py < rows.jsonl
"""

import json
import logging
import sys
import time

from math_verify import ExprExtractionConfig, LatexExtractionConfig, StringExtractionConfig, parse, verify

logging.disable(logging.CRITICAL)
CONFIGS = {
    "latex": LatexExtractionConfig,
    "expr": ExprExtractionConfig,
    "string": StringExtractionConfig,
}


def judge(row: dict) -> bool:
    options = row.get("options") or {}
    configs = [CONFIGS[kind]() for kind in options.get("match_types") or ["latex", "expr"]]
    gold = parse(row["gold"], configs)
    prediction = parse(row["prediction"], configs)
    return bool(
        verify(gold, prediction, float_rounding=options.get("precision", 6), strict=options.get("strict", True))
    )


def main() -> None:
    for line in sys.stdin:
        if not line.strip():
            continue
        row = json.loads(line)
        start = time.process_time()
        try:
            correct = judge(row)
        except Exception:  # a crash of the peer is a refusal, and the comparison continues
            correct = False
        elapsed = (time.process_time() - start) * 1000
        print(json.dumps({"id": row.get("id"), "correct": correct, "milliseconds": round(elapsed, 3)}), flush=True)


if __name__ == "__main__":
    main()
