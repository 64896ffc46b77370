internal import ByteStorage

/// What a file may ask for before it is refused; stated in `formats/`.
enum CheckpointLimits {
  /// Tensors in one safetensors file.
  static let safetensorsTensors = 250_000
  /// Tensors in one PyTorch file.
  static let pickledTensors = 100_000
  /// Bytes of a tensor's name.
  static let nameBytes = 1024
  /// Bytes of one pickle.
  static let pickleBytes = 64 << 20
  /// Values that a pickle may keep on its stack, in its memo and in its containers, each.
  static let pickleValues = 2 << 20
  /// Shared and overlapping views may describe this many times the bytes of their file.
  static let viewExpansion = 16
  /// Tensors in one GGUF file.
  static let ggufTensors = 100_000
  /// Key-value pairs in one GGUF file.
  static let ggufPairs = 100_000
  /// Bytes of a GGUF key, and of a string in an array.
  static let ggufKeyBytes = 65_535
  /// Bytes of a tensor's name in GGUF: ggml keeps 64 with the zero that ends it.
  static let ggufNameBytes = 63
  /// Bytes of a string in GGUF metadata that is read, such as a chat template.
  static let ggufTextBytes = 16 << 20
  /// Arrays within arrays.
  static let ggufArrayDepth = 4
  /// Elements of an array in GGUF metadata that is read.
  static let ggufArrayElements = 4 << 20
  /// The largest `general.alignment`.
  static let ggufAlignment = 1 << 20
  /// Bytes of an importance matrix; that of Mixtral 8x22B has 40 MB.
  static let importanceBytes = 256 << 20
  /// Shards that one index may name.
  static let shards = 1000
  /// Bytes of one attached file; larger ones stay behind with a warning.
  static let attachmentBytes = 64 << 20
  /// Bytes of all attached files of a folder: two halves go into one bundle, which holds twice as many.
  static let allAttachmentBytes = 64 << 20

  /// Why `name` cannot be a tensor's name, or nil.
  static func objection(toName name: String) -> String? {
    if name.isEmpty { return "a tensor's name is empty" }
    if name.utf8.count > nameBytes { return "a tensor's name is longer than \(nameBytes) bytes" }
    if name.holdsControls {
      return "a tensor's name holds control characters"
    }
    return nil
  }
}
