#!/usr/bin/env python3
"""Makes Tests/Fixtures/remote: signed requests as botocore signs them, for griffin's own Signature Version 4, and a certificate that signs itself.

Needs botocore and cryptography (PyPI). The keys are made up here; the certificate's is for tests on the loopback and nothing else."""

import datetime
import hashlib
import json
import pathlib
import random

import botocore
import botocore.auth
import botocore.awsrequest
import botocore.credentials
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

OUTPUT = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures/remote/signatures.json"
CASES = [
    # address, region, session token, moment
    ("https://s3.eu-central-1.amazonaws.com/models/llama/config.json", "eu-central-1", None, "20260131T235959"),
    ("http://127.0.0.1:5000/bucket/a%20b/model-00001-of-00002.safetensors", "us-east-1", None, "20240229T000001"),
    ("https://store.example:9000/bucket/%C3%BC%2B%28x%29~_.bin", "us-west-2", "made-up/token+of==session", "19991231T010203"),
    ("https://s3.us-east-1.amazonaws.com/models?delimiter=%2F&encoding-type=url&list-type=2&prefix=llama%2F", "us-east-1", None, "20260301T120000"),
    (
        "https://s3.us-east-1.amazonaws.com/models?continuation-token=1%2Fab%2Bc%3D%3D&delimiter=%2F&encoding-type=url&list-type=2&prefix=",
        "us-east-1",
        "session",
        "20281231T235959",
    ),
]


def sign(number, url, region, token, moment):
    numbers = random.Random(number)
    access = "GRIFFIN" + "".join(numbers.choices("ABCDEFGHJKLMNPQRSTUVWXYZ234567", k=13))
    secret = "".join(numbers.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/", k=40))
    time = datetime.datetime.strptime(moment, "%Y%m%dT%H%M%S")

    class Clock(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return time

        @classmethod
        def now(cls, tz=None):
            return time.replace(tzinfo=tz)

    if hasattr(botocore.auth, "get_current_datetime"):
        botocore.auth.get_current_datetime = lambda *args, **kwargs: time
    botocore.auth.datetime = type("module", (), {"datetime": Clock, "timezone": datetime.timezone})
    request = botocore.awsrequest.AWSRequest(method="GET", url=url)
    credentials = botocore.credentials.Credentials(access, secret, token)
    botocore.auth.S3SigV4Auth(credentials, "s3", region).add_auth(request)
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert headers["x-amz-content-sha256"] == hashlib.sha256(b"").hexdigest()
    seconds = int((time - datetime.datetime(1970, 1, 1)).total_seconds())
    return {
        "url": url, "region": region, "access_key": access, "secret_key": secret, "session_token": token, "seconds": seconds,
        "date": headers["x-amz-date"], "authorization": headers["authorization"],
    }


def make_certificate():
    """For localhost and a host that a proxy leads to."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "griffin tests")])
    names = [x509.DNSName("localhost"), x509.DNSName("models.example")]
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(2020, 1, 1)).not_valid_after(datetime.datetime(9999, 12, 31))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(key, hashes.SHA256()))
    (OUTPUT.parent / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (OUTPUT.parent / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


def main():
    vectors = [sign(number, *case) for number, case in enumerate(CASES)]
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps({"made_with": f"botocore {botocore.__version__}", "vectors": vectors}, indent=1) + "\n")
    make_certificate()


if __name__ == "__main__":
    main()
