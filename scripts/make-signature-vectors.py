#!/usr/bin/env python3
"""Writes Tests/Fixtures/signing: key files as openssl and the cryptography package write them, and signatures by both.

usage: scripts/make-signature-vectors.py        (needs openssl 3 and the Python package cryptography)

The bundle that is signed is formats/examples/pair.griffin; what is signed follows formats/signature.md and shares no code
with the package. The keys are for tests alone: anybody can sign with them. openssl draws them, so files differ from run to run.
"""
import base64
import json
import pathlib
import subprocess
import tempfile
import textwrap

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

root = pathlib.Path(__file__).resolve().parent.parent
folder = root / "Tests" / "Fixtures" / "signing"
folder.mkdir(parents=True, exist_ok=True)
digest = (root / "formats" / "examples" / "pair.griffin").read_bytes()[48:80].hex()
message = f"griffin-bundle-signature-v1\n{digest}\n".encode()


def openssl(*arguments):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, cwd=folder).stdout


def sidecar(public, signature):
    return json.dumps(
        {"format": "griffin-signature", "version": 1, "algorithm": "ed25519", "digest": digest, "public_key": public.hex(),
         "signature": signature.hex()}) + "\n"


def raw(key):
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


# openssl's files, and one with text around the frame.
openssl("genpkey", "-algorithm", "ed25519", "-out", "private.pem")
openssl("pkey", "-in", "private.pem", "-pubout", "-out", "public.pem")
openssl("pkey", "-in", "private.pem", "-outform", "DER", "-out", "private.der")
openssl("pkey", "-in", "private.pem", "-pubout", "-outform", "DER", "-out", "public.der")
(folder / "public-text.pem").write_bytes(
    b"Key of the release team\r\n" + (folder / "public.pem").read_bytes().replace(b"\n", b"\r\n") + b"bye\r\n")
openssl("pkey", "-in", "private.pem", "-aes256", "-passout", "pass:x", "-out", "encrypted.pem")
openssl("genpkey", "-algorithm", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "p256.pem")
openssl("pkey", "-in", "p256.pem", "-pubout", "-out", "p256-public.pem")
with tempfile.TemporaryDirectory() as place:
    text, signature = pathlib.Path(place) / "message", pathlib.Path(place) / "signature"
    text.write_bytes(message)
    openssl("pkeyutl", "-sign", "-inkey", "private.pem", "-rawin", "-in", text, "-out", signature)
    public = serialization.load_pem_public_key((folder / "public.pem").read_bytes())
    (folder / "openssl.sig").write_text(sidecar(raw(public), signature.read_bytes()))

# Another key by the cryptography package: RFC 8032's first test vector.
other = ed25519.Ed25519PrivateKey.from_private_bytes(
    bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
(folder / "other.pem").write_bytes(
    other.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
(folder / "other-public.pem").write_bytes(
    other.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
(folder / "cryptography.sig").write_text(sidecar(raw(other.public_key()), other.sign(message)))

# RFC 5958's form, with the public half, right and wrong.
seed = other.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
for name, half in [("both-halves.pem", raw(other.public_key())), ("foreign-half.pem", raw(public))]:
    der = bytes.fromhex("3051020101300506032b657004220420") + seed + bytes.fromhex("812100") + half
    text = "".join(line + "\n" for line in textwrap.wrap(base64.b64encode(der).decode(), 64))
    (folder / name).write_text(f"-----BEGIN PRIVATE KEY-----\n{text}-----END PRIVATE KEY-----\n")
