#!/usr/bin/env python3
"""Writes Tests/Fixtures/signing/oms: signatures of OpenSSF Model Signing 1.0 as the model-signing package makes them.

usage: scripts/make-model-signing-vectors.py     (needs openssl 3 and the Python packages model-signing and pyOpenSSL)

Signed are formats/examples/pair.griffin and a small folder, with keys on P-256, P-384 and P-521 as openssl writes them. The keys
are for tests alone: anybody can sign with them. Keys and signatures are drawn, so files differ from run to run.
"""
import pathlib
import shutil
import subprocess

from model_signing import signing

root = pathlib.Path(__file__).resolve().parent.parent
folder = root / "Tests" / "Fixtures" / "signing" / "oms"
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir(parents=True)
bundle = root / "formats" / "examples" / "pair.griffin"


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, cwd=folder)


# SEC 1 with and without the block that names the curve, and PKCS #8.
openssl("ecparam", "-name", "prime256v1", "-genkey", "-out", "p256.pem")
openssl("ecparam", "-name", "secp384r1", "-genkey", "-noout", "-out", "p384.pem")
openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521", "-out", "p521.pem")
for curve in ["p256", "p384", "p521"]:
    openssl("pkey", "-in", f"{curve}.pem", "-pubout", "-out", f"{curve}-public.pem")
    signing.Config().use_elliptic_key_signer(private_key=folder / f"{curve}.pem").sign(bundle, folder / f"pair-{curve}.sig")

# Names that sort otherwise by their parts than as text, and some that are passed over.
model = folder / "model"
for name in ["a.txt", "a/b.txt", "config.json", "weights/part-1", "weights/part-2", ".gitattributes"]:
    path = model / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{name}\n")
signing.Config().use_elliptic_key_signer(private_key=folder / "p256.pem").set_hashing_config(
    __import__("model_signing").hashing.Config().set_ignored_paths(paths=["model.sig"])).sign(model, folder / "model.sig")
