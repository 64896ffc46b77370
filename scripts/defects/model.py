"""A checkpoint folder in memory: tensors as numpy arrays, and its configuration."""
import json, pathlib, shutil, struct

import numpy as np

PLAIN = {"F32": np.float32, "F16": np.float16, "I64": np.int64, "I32": np.int32, "U8": np.uint8, "BOOL": np.bool_}


class Model:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.config = json.loads((self.folder / "config.json").read_text())
        self.tensors, self.types = {}, {}
        for file in sorted(self.folder.glob("*.safetensors")):
            data = file.read_bytes()
            (length,) = struct.unpack("<Q", data[:8])
            for name, entry in json.loads(data[8 : 8 + length]).items():
                if name == "__metadata__":
                    continue
                start, end = entry["data_offsets"]
                raw = data[8 + length + start : 8 + length + end]
                if entry["dtype"] == "BF16":
                    values = (np.frombuffer(raw, "<u2").astype(np.uint32) << 16).view(np.float32)
                else:
                    values = np.frombuffer(raw, PLAIN[entry["dtype"]])
                    if entry["dtype"] == "F16":
                        values = values.astype(np.float32)
                self.tensors[name], self.types[name] = values.reshape(entry["shape"]).copy(), entry["dtype"]

    def find(self, *endings):
        """The name of the one tensor that ends in one of these."""
        for ending in endings:
            for name in self.tensors:
                if name == ending or name.endswith("." + ending):
                    return name
        return None

    def write(self, folder):
        """Writes the folder: one file of tensors, and the other files as they were."""
        folder = pathlib.Path(folder)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for file in self.folder.iterdir():
            if file.suffix not in (".safetensors", ".bin") and not file.name.endswith(".index.json") and file.name != "config.json":
                shutil.copy(file, folder / file.name)
        (folder / "config.json").write_text(json.dumps(self.config, indent=1))
        header, parts, offset = {}, [], 0
        for name, values in self.tensors.items():
            kind = self.types.get(name, "F32")
            if kind == "BF16":
                bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
                raw = ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype("<u2").tobytes()
            else:
                raw = np.ascontiguousarray(values).astype(PLAIN[kind]).tobytes()
            header[name] = {"dtype": kind, "shape": list(values.shape), "data_offsets": [offset, offset + len(raw)]}
            parts.append(raw)
            offset += len(raw)
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))
        return folder
