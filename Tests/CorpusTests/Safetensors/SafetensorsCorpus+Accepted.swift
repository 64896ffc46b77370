import TestSupport

extension SafetensorsCorpus {
  /// A buffer that models leave out, so that it may have any shape and type.
  private static let rotary = "model.layers.0.self_attn.rotary_emb.inv_freq"

  private static func accept(
    _ name: String, _ words: String, change: @escaping @Sendable (inout SafetensorsBuilder) throws -> Void
  ) -> AcceptedCase {
    AcceptedCase("safetensors-\(name)", rule: Rule("safetensors.md", words)) { folder in try folder.writeTarget(change) }
  }

  static let accepted: [AcceptedCase] = [
    accept("baseline", "The format is that of") { _ in },
    accept("padded-header", "may end in spaces") { $0.header = Array(($0.headerText + "      ").utf8) },
    // The length's bytes read as the start of a pickle of protocol 2; what the file is, its content says.
    accept("length-like-a-pickle", "bytes of the header") { file in
      let count = file.headerText.utf8.count
      let padded = (count & ~0xFFFF | 0x0280) + (count & 0xFFFF > 0x0280 ? 0x10000 : 0)
      file.header = Array(file.headerText.utf8) + [UInt8](repeating: 0x20, count: padded - count)
    },
    accept("no-metadata", "where it is, MUST map") { $0.metadata = nil },
    accept("entries-out-of-order", "follow one another without gap") { file in
      let count = file.entries.count
      var offset = 0
      for index in 0..<count {
        let end = offset + file.entries[index].bytes.count
        file.entries[index].offsets = "[\(offset),\(end)]"
        offset = end
      }
      // The header lists them backwards; their bytes stay.
      let bytes = file.entries.flatMap(\.bytes)
      file.entries.reverse()
      for index in 0..<count { file.entries[index].bytes = index == 0 ? bytes : [] }
    },
    accept("other-members", "other members are passed over") { file in
      let entry = file["model.norm.weight"]
      var offset = 0
      for other in file.entries.prefix(while: { $0.name != entry.name }) { offset += other.bytes.count }
      file["model.norm.weight"].text =
        #"{"note":[1,{"a":null}],"dtype":"\#(entry.type)","shape":\#(entry.shape),"data_offsets":[\#(offset),\#(offset + entry.bytes.count)]}"#
    },
    accept("scalar", "No dimensions mean a scalar") {
      $0.entries.append(.init(rotary, "F32", "[]", bytes: [0, 0, 128, 63]))
    },
    accept("zero-size", "a dimension of 0 means no bytes") {
      $0.entries.append(.init(rotary, "F32", "[0,4]", bytes: []))
    },
    accept("zero-size-beside-huge", "a dimension of 0 means no bytes") {
      $0.entries.append(.init(rotary, "F32", "[4611686018427387904,0]", bytes: []))
    },
    accept("not-a-number", "`F64 F32 F16 BF16` are weights") { $0["lm_head.weight"].bytes.replaceSubrange(0..<4, with: [0, 0, 192, 127]) },
    accept("infinity", "`F64 F32 F16 BF16` are weights") { $0["lm_head.weight"].bytes.replaceSubrange(0..<4, with: [0, 0, 128, 255]) },
    accept("integer-buffer", "Other types are read") {
      $0.entries.append(.init(rotary, "I64", "[2]", bytes: [UInt8](repeating: 7, count: 16)))
    },
  ]
}
