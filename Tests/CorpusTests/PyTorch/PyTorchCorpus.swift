import ByteStorage
import TestSupport

/// `formats/pytorch-bin.md`, rule by rule.
enum PyTorchCorpus {
  static let hostile = globals + opcodes + protocols + stack + values + storages + views + stateDicts + zip + zipNames + zipEnds + legacy
  static let file = "pytorch_model.bin"

  /// A draft whose state dict is wrong.
  static func refuse(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mentions: String...,
    change: @escaping @Sendable (inout PyTorchBuilder) throws -> Void
  ) -> HostileCase {
    HostileCase(
      "pytorch-\(name)", rule: Rule("pytorch-bin.md", words), kind: kind, mentions: [file] + mentions, arguments: CorpusArguments.draft
    ) { folder in try folder.writeDraft { try change(&$0) } }
  }

  /// A draft whose state dict has one entry more, with this value.
  static func value(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mentions: String..., write: @escaping @Sendable (inout PickleBuilder) -> Void
  ) -> HostileCase {
    HostileCase(
      "pytorch-\(name)", rule: Rule("pytorch-bin.md", words), kind: kind, mentions: [file] + mentions, arguments: CorpusArguments.draft
    ) { folder in try folder.writeDraft { $0.extra = write } }
  }

  /// A draft whose pickle is another one.
  static func pickle(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mentions: String..., bytes: @escaping @Sendable () -> [UInt8]
  ) -> HostileCase {
    HostileCase(
      "pytorch-\(name)", rule: Rule("pytorch-bin.md", words), kind: kind, mentions: [file] + mentions, arguments: CorpusArguments.draft
    ) { folder in try folder.writeDraft { $0.pickle = bytes() } }
  }

  /// A draft whose archive is wrong around a right state dict.
  static func archive(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mentions: String...,
    change: @escaping @Sendable (inout ZipBuilder) -> Void
  ) -> HostileCase {
    HostileCase(
      "zip-\(name)", rule: Rule("pytorch-bin.md", words), kind: kind, mentions: [file] + mentions, arguments: CorpusArguments.draft
    ) { folder in
      try folder.writeDraft()
      var zip = try PyTorchBuilder(TinyCheckpoint.draft().source).zip
      change(&zip)
      try folder.write(zip.bytes, to: "draft/\(file)")
    }
  }

  /// A draft whose file's bytes were changed after it was made.
  static func bytes(
    _ name: String, _ words: String, page: String = "pytorch-bin.md", _ kind: GriffinError.Kind, _ mentions: String...,
    change: @escaping @Sendable ([UInt8]) -> [UInt8]
  ) -> HostileCase {
    HostileCase(name, rule: Rule(page, words), kind: kind, mentions: [file] + mentions, arguments: CorpusArguments.draft) { folder in
      try folder.writeDraft()
      try folder.write(change(folder.read("draft/\(file)")), to: "draft/\(file)")
    }
  }
}

extension CorpusFolder {
  /// Writes a draft of one PyTorch file into `draft`.
  func writeDraft(_ change: (inout PyTorchBuilder) throws -> Void = { _ in }) throws {
    let model = try TinyCheckpoint.draft()
    var file = PyTorchBuilder(model.source)
    try change(&file)
    try write(file.zip.bytes, to: "draft/\(PyTorchCorpus.file)")
    try write(model.configText, to: "draft/config.json")
  }

  /// Writes a draft in the form before PyTorch 1.6.
  func writeLegacyDraft(
    state: (inout PyTorchBuilder) throws -> Void = { _ in }, _ change: (inout PyTorchBuilder.Legacy) throws -> Void = { _ in }
  ) throws {
    let model = try TinyCheckpoint.draft()
    var builder = PyTorchBuilder(model.source)
    try state(&builder)
    var file = builder.legacy
    try change(&file)
    try write(file.bytes, to: "draft/\(PyTorchCorpus.file)")
    try write(model.configText, to: "draft/config.json")
  }
}
