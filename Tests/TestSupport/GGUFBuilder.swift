/// Makes GGUF files, right ones and wrong ones.
public struct GGUFBuilder: Sendable {
  /// A metadata value with the number of its type.
  public struct Value: Sendable {
    public var type: UInt32
    public var bytes: [UInt8]

    public init(type: UInt32, bytes: [UInt8]) { (self.type, self.bytes) = (type, bytes) }

    public static func uint8(_ value: UInt8) -> Value { Value(type: 0, bytes: [value]) }
    public static func uint16(_ value: UInt16) -> Value { Value(type: 2, bytes: littleEndian(value)) }
    public static func uint32(_ value: UInt32) -> Value { Value(type: 4, bytes: littleEndian(value)) }
    public static func int32(_ value: Int32) -> Value { Value(type: 5, bytes: littleEndian(value)) }
    public static func float32(_ value: Float) -> Value { Value(type: 6, bytes: littleEndian(value.bitPattern)) }
    public static func bool(_ value: Bool) -> Value { Value(type: 7, bytes: [value ? 1 : 0]) }
    public static func string(_ value: String) -> Value { Value(type: 8, bytes: GGUFBuilder.string(value)) }
    public static func uint64(_ value: UInt64) -> Value { Value(type: 10, bytes: littleEndian(value)) }
    public static func float64(_ value: Double) -> Value { Value(type: 12, bytes: littleEndian(value.bitPattern)) }

    public static func array(of type: UInt32, count: UInt64, _ bytes: [UInt8]) -> Value {
      Value(type: 9, bytes: littleEndian(type) + littleEndian(count) + bytes)
    }
    public static func strings(_ values: [String]) -> Value {
      array(of: 8, count: UInt64(values.count), values.flatMap(GGUFBuilder.string))
    }
    public static func floats(_ values: [Float]) -> Value {
      array(of: 6, count: UInt64(values.count), values.flatMap { littleEndian($0.bitPattern) })
    }
    public static func integers(_ values: [Int32]) -> Value {
      array(of: 5, count: UInt64(values.count), values.flatMap { littleEndian($0) })
    }
  }

  public struct Tensor: Sendable {
    public var name: String
    /// The number of the ggml type.
    public var type: UInt32
    /// Innermost first, as the file has them.
    public var dimensions: [UInt64]
    public var bytes: [UInt8]
    /// Added to the offset where the tensor really is.
    public var offsetError: Int64 = 0

    public init(_ name: String, type: UInt32, _ dimensions: [UInt64], bytes: [UInt8]) {
      (self.name, self.type, self.dimensions, self.bytes) = (name, type, dimensions, bytes)
    }
  }

  public var magic = Array("GGUF".utf8)
  public var version: UInt32 = 3
  public var alignment = 32
  public var pairs: [(key: String, value: Value)] = []
  public var tensors: [Tensor] = []
  /// What the header says where it shall differ from the truth.
  public var tensorCount: UInt64?
  public var pairCount: UInt64?

  public init() {}

  public static func string(_ text: String) -> [UInt8] { littleEndian(UInt64(text.utf8.count)) + Array(text.utf8) }

  /// Sets a value, in the place of the key's first or at the end; nil takes it away.
  public subscript(key: String) -> Value? {
    get { pairs.first { $0.key == key }?.value }
    set {
      let place = pairs.firstIndex { $0.key == key }
      switch (place, newValue) {
      case (let place?, let value?): pairs[place].value = value
      case (let place?, nil): pairs.remove(at: place)
      case (nil, let value?): pairs.append((key, value))
      case (nil, nil): break
      }
    }
  }

  /// The place of a tensor in the list.
  public func index(of name: String) -> Int {
    guard let index = tensors.firstIndex(where: { $0.name == name }) else { preconditionFailure("there is no \(name)") }
    return index
  }

  public var header: [UInt8] {
    var bytes = magic + littleEndian(version)
    bytes += littleEndian(tensorCount ?? UInt64(tensors.count)) + littleEndian(pairCount ?? UInt64(pairs.count))
    for pair in pairs { bytes += GGUFBuilder.string(pair.key) + littleEndian(pair.value.type) + pair.value.bytes }
    var offset = 0
    for tensor in tensors {
      bytes += GGUFBuilder.string(tensor.name) + littleEndian(UInt32(tensor.dimensions.count))
      bytes += tensor.dimensions.flatMap { littleEndian($0) } + littleEndian(tensor.type)
      bytes += littleEndian(UInt64(bitPattern: Int64(offset) &+ tensor.offsetError))
      offset = padded(offset + tensor.bytes.count)
    }
    return bytes
  }

  public var bytes: [UInt8] {
    var bytes = header
    bytes += [UInt8](repeating: 0, count: padded(bytes.count) - bytes.count)
    for tensor in tensors {
      bytes += tensor.bytes
      bytes += [UInt8](repeating: 0, count: padded(tensor.bytes.count) - tensor.bytes.count)
    }
    return bytes
  }

  private func padded(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }
}

extension GGUFBuilder {
  /// The sizes of `tiny`.
  public static let hidden = 32, heads = 4, keyValueHeads = 2, width = 8, intermediate = 64, vocabulary = 12

  /// A model of two layers, f32 throughout, each element its place in a count over all tensors.
  public static func tiny(_ architecture: String = "llama", layers: Int = 2) -> GGUFBuilder {
    var file = GGUFBuilder()
    file["general.architecture"] = .string(architecture)
    let sizes: [(String, Int)] = [
      ("block_count", layers), ("context_length", 256), ("embedding_length", hidden), ("feed_forward_length", intermediate),
      ("attention.head_count", heads), ("attention.head_count_kv", keyValueHeads),
    ]
    for (name, size) in sizes { file["\(architecture).\(name)"] = .uint32(UInt32(size)) }
    file["\(architecture).attention.layer_norm_rms_epsilon"] = .float32(1e-5)
    file.addTokens()
    file.addFloats("token_embd.weight", [hidden, vocabulary])
    for layer in 0..<layers {
      let prefix = "blk.\(layer)."
      file.addFloats(prefix + "attn_norm.weight", [hidden])
      file.addFloats(prefix + "attn_q.weight", [hidden, heads * width])
      file.addFloats(prefix + "attn_k.weight", [hidden, keyValueHeads * width])
      file.addFloats(prefix + "attn_v.weight", [hidden, keyValueHeads * width])
      file.addFloats(prefix + "attn_output.weight", [heads * width, hidden])
      file.addFloats(prefix + "ffn_norm.weight", [hidden])
      file.addFloats(prefix + "ffn_gate.weight", [hidden, intermediate])
      file.addFloats(prefix + "ffn_up.weight", [hidden, intermediate])
      file.addFloats(prefix + "ffn_down.weight", [intermediate, hidden])
    }
    file.addFloats("output_norm.weight", [hidden])
    file.addFloats("output.weight", [hidden, vocabulary])
    return file
  }

  /// An EAGLE-3 draft of 8 of the tokens of a target as wide as `tiny`, whose states before layers 2, 4 and 5 it reads.
  public static func eagle3() -> GGUFBuilder {
    var file = tiny("eagle3", layers: 1)
    file["eagle3.target_layers"] = .integers([2, 4, 5])
    file["eagle3.target_hidden_size"] = .uint32(UInt32(hidden))
    file["eagle3.norm_before_residual"] = .bool(false)
    file.tensors.removeAll { ["token_embd.weight", "output.weight"].contains($0.name) }
    for name in ["q", "k", "v"] {
      let index = file.index(of: "blk.0.attn_\(name).weight")
      let rows = Int(file.tensors.remove(at: index).dimensions[1])
      file.addFloats("blk.0.attn_\(name).weight", [2 * hidden, rows])
    }
    file.addFloats("blk.0.attn_norm_2.weight", [hidden])
    file.addFloats("fc.weight", [3 * hidden, hidden])
    file.addFloats("output.weight", [hidden, 8])
    let ids: [Int64] = [0, 1, 3, 4, 6, 7, 9, 11]
    file.tensors.append(Tensor("d2t", type: 27, [8], bytes: ids.flatMap { littleEndian($0) }))
    return file
  }

  /// Adds a tensor that counts on where the last one ended.
  /// - Parameter dimensions: Innermost first.
  public mutating func addFloats(_ name: String, _ dimensions: [Int]) {
    let start = tensors.reduce(0) { $0 + $1.bytes.count / 4 }
    let count = dimensions.reduce(1, *)
    let bytes = (start..<start + count).flatMap { littleEndian(Float($0).bitPattern) }
    tensors.append(Tensor(name, type: 0, dimensions.map { UInt64($0) }, bytes: bytes))
  }

  private mutating func addTokens() {
    let words = ["a", "b", "▁", "ab", "▁a", "▁b", "▁ab", "ba"]
    self["tokenizer.ggml.model"] = .string("llama")
    self["tokenizer.ggml.tokens"] = .strings(["<unk>", "<s>", "</s>"] + words + ["<mark>"])
    self["tokenizer.ggml.scores"] = .floats((0..<GGUFBuilder.vocabulary).map { -Float($0) })
    self["tokenizer.ggml.token_type"] = .integers([2, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 4])
    self["tokenizer.ggml.bos_token_id"] = .uint32(1)
    self["tokenizer.ggml.eos_token_id"] = .uint32(2)
    self["tokenizer.ggml.unknown_token_id"] = .uint32(0)
  }
}
