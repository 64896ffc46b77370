"""Pushes an OCI layout to a registry on the loopback with skopeo, and gets it back with skopeo and with oras."""

import hashlib
import json
import pathlib
import shutil
import subprocess
import sys

import jsonschema
import oras.client

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "remotechecks"))
from servers import free_port, wait_for


def quiet(*command):
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def registry(folder):
    """A registry that stores in a folder; its process and its address."""
    port = free_port()
    settings = folder / "registry.json"
    settings.write_text(json.dumps({
        "version": 0.1, "log": {"level": "error"}, "storage": {"filesystem": {"rootdirectory": str(folder / "registry")}},
        "http": {"addr": f"127.0.0.1:{port}"}}))
    process = subprocess.Popen(["docker-registry", "serve", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(port, process)
    return process, f"127.0.0.1:{port}"


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def check_blobs(layout):
    """Every blob is named by its digest, and every descriptor has its blob's size."""
    blobs = {path.name: path.read_bytes() for path in (layout / "blobs/sha256").iterdir()}
    for name, data in blobs.items():
        assert sha256(data) == f"sha256:{name}", name
    index = json.loads((layout / "index.json").read_text())
    manifest = json.loads(blobs[index["manifests"][0]["digest"][7:]])
    for descriptor in [*index["manifests"], manifest["config"], *manifest["layers"]]:
        assert len(blobs[descriptor["digest"][7:]]) == descriptor["size"], descriptor
    return manifest, json.loads(blobs[manifest["config"]["digest"][7:]])


def main():
    bundle, layout, griffin, specification = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4:]
    work = layout.parent / "oci"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    manifest, config = check_blobs(layout)
    if specification:
        schema = json.loads((pathlib.Path(specification[0]) / "schema/config-schema.json").read_text())
        jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(config)
    process, address = registry(work)
    try:
        quiet("skopeo", "copy", "--dest-tls-verify=false", f"oci:{layout}:latest", f"docker://{address}/pair:1")
        quiet("skopeo", "copy", "--src-tls-verify=false", f"docker://{address}/pair:1", f"oci:{work}/back:latest")
        quiet(griffin, "unpack", work / "back", "-o", work / "back.griffin", "--json")
        assert (work / "back.griffin").read_bytes() == bundle.read_bytes(), "skopeo brings another bundle back"
        client = oras.client.OrasClient(hostname=address, insecure=True)
        container = client.get_container(f"{address}/pair:1")
        assert client.get_manifest(container, allowed_media_type=[manifest["mediaType"]]) == manifest, "oras reads another manifest"
        for layer in manifest["layers"]:
            assert sha256(client.get_blob(container, layer["digest"]).content) == layer["digest"], layer
    finally:
        process.terminate()
        process.wait()
    said = json.loads(subprocess.run(["skopeo", "inspect", "--raw", f"oci:{layout}:latest"], check=True, stdout=subprocess.PIPE).stdout)
    assert said == manifest


main()
