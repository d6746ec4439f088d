"""Keys and certificates as openssl makes them, for peers that seal and stamp."""

from __future__ import annotations

import subprocess
from pathlib import Path


def run(*arguments: str | Path, content: bytes = b"") -> bytes:
    """`openssl …`; what it wrote to its standard output. CalledProcessError when it fails."""
    done = subprocess.run(["openssl", *arguments], input=content, capture_output=True, timeout=60, check=True)
    return done.stdout


def authority(folder: Path, name: str) -> None:
    """`root.key` and `root.pem` in `folder`."""
    extensions = ["basicConstraints=critical,CA:true", "keyUsage=critical,keyCertSign,cRLSign"]
    run(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", f"/C=CN/CN={name} root",
        "-keyout", folder / "root.key", "-out", folder / "root.pem",
        *(part for one in extensions for part in ("-addext", one)),
    )  # fmt: skip


def certified(folder: Path, name: str, key: tuple[str, ...], *extensions: str) -> None:
    """`signer.key` and `signer.pem`, issued by the root of `folder`. `key` is what `-newkey` takes."""
    run(
        "req", "-utf8", "-newkey", *key, "-nodes", "-subj", f"/C=CN/CN={name}",
        "-keyout", folder / "signer.key", "-out", folder / "signer.csr",
    )  # fmt: skip
    told = folder / "extensions"
    told.write_text("\n".join(("subjectKeyIdentifier=hash", "authorityKeyIdentifier=keyid", *extensions)))
    run(
        "x509", "-req", "-in", folder / "signer.csr", "-CA", folder / "root.pem", "-CAkey",
        folder / "root.key", "-CAcreateserial", "-days", "1825", "-extfile", told,
        "-out", folder / "signer.pem",
    )  # fmt: skip
