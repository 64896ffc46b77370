import TestSupport

extension PyTorchCorpus {
  private static func accept(
    _ name: String, _ words: String, warnings: [String] = [], change: @escaping @Sendable (inout PyTorchBuilder) throws -> Void
  ) -> AcceptedCase {
    AcceptedCase(
      "pytorch-\(name)", rule: Rule("pytorch-bin.md", words), warnings: warnings, arguments: CorpusArguments.draft
    ) { folder in try folder.writeDraft(change) }
  }

  private static func acceptZip(_ name: String, _ words: String, change: @escaping @Sendable (inout ZipBuilder) -> Void) -> AcceptedCase {
    AcceptedCase("zip-\(name)", rule: Rule("pytorch-bin.md", words), arguments: CorpusArguments.draft) { folder in
      try folder.writeDraft()
      var zip = try PyTorchBuilder(TinyCheckpoint.draft().source).zip
      change(&zip)
      try folder.write(zip.bytes, to: "draft/\(file)")
    }
  }

  /// A buffer that drafts leave out, so that it may have any shape and type.
  private static let rotary = "layers.0.self_attn.rotary_emb.inv_freq"

  private static func buffer(
    _ name: String, _ words: String, _ type: String, bytes: Int, elements: Int64, sizes: [Int64], strides: [Int64]? = nil
  ) -> AcceptedCase {
    accept(name, words) { file in
      var entry = PyTorchBuilder.Entry(rotary, key: "99", elements: elements, sizes: sizes, strides: strides)
      entry.storageType = type
      file.entries.append(entry)
      file[storage: "99"] = [UInt8](repeating: 1, count: bytes)
    }
  }

  private static let honoured = "T3. Sizes, strides and offset are honoured"

  static let accepted: [AcceptedCase] = [
    accept("baseline", "A file of `torch.save`") { _ in },
    accept("protocol-four", "P1. Protocols 2 to 5") { $0.version = 4 },
    accept("view-transposed", honoured) { ($0["fc.mlp.up_proj.weight"].strides) = [1, 32] },
    accept("view-of-every-second-element", honoured) { file in
      let key = file["fc.fc.bias"].key
      (file["fc.fc.bias"].strides, file["fc.fc.bias"].elements) = ([2], 32)
      file[storage: key] += file[storage: key]
    },
    accept("view-from-within", honoured) { file in
      let key = file["fc.fc.bias"].key
      (file["fc.fc.bias"].offset, file["fc.fc.bias"].elements) = (16, 32)
      file[storage: key] += file[storage: key]
    },
    accept("storage-shared", honoured) { file in
      // Two tensors over one storage, as tied weights are saved.
      let shared = file["layers.0.self_attn.k_proj.weight"]
      (file["layers.0.self_attn.v_proj.weight"].key, file["layers.0.self_attn.v_proj.weight"].elements) = (shared.key, shared.elements)
    },
    accept("double-precision", "`torch.*Storage` of known element types") { file in
      let key = file["fc.fc.bias"].key
      file["fc.fc.bias"].storageType = "DoubleStorage"
      file[storage: key] = (0..<16).flatMap { littleEndian((Double($0) / 16).bitPattern) }
    },
    accept("not-a-number", honoured) { $0[storage: "0"].replaceSubrange(0..<8, with: [0, 0, 192, 127, 0, 0, 128, 255]) },
    buffer("buffer-of-integers", "`torch.*Storage` of known element types", "LongStorage", bytes: 32, elements: 4, sizes: [4]),
    buffer("buffer-of-bools", "`torch.*Storage` of known element types", "BoolStorage", bytes: 4, elements: 4, sizes: [4]),
    buffer("buffer-a-scalar", honoured, "FloatStorage", bytes: 4, elements: 1, sizes: [], strides: []),
    buffer("buffer-empty", honoured, "FloatStorage", bytes: 0, elements: 0, sizes: [0], strides: [1]),
    buffer("buffer-empty-beside-huge", honoured, "FloatStorage", bytes: 0, elements: 0, sizes: [1 << 62, 0], strides: [1, 1]),
    accept("entries-beside-tensors", "what is beside it is left out with a warning", warnings: ["'extra'"]) { $0.extra = { $0.text("note") } },
    acceptZip("zip64-end", "zip64 included") { $0.hasLargeEnd = true },
    acceptZip("sizes-after-the-data", "local headers agree with the directory") { zip in
      for index in zip.members.indices { deferred(&zip.members[index]) }
    },
    acceptZip("aligned-by-padding", "local headers agree with the directory") { zip in
      for index in zip.members.indices {
        zip.members[index].localExtra = Array("FB".utf8) + littleEndian(UInt16(20)) + [UInt8](repeating: 0x5A, count: 20)
      }
    },
    acceptZip("without-byte-order", "`byteorder`, where it is") { $0.members.remove(at: 1) },
    AcceptedCase("legacy-baseline", rule: Rule("pytorch-bin.md", "L1. Five pickles"), arguments: CorpusArguments.draft) { folder in
      try folder.writeLegacyDraft()
    },
  ]
}
