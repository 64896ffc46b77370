import ByteStorage
import Models
import Tensors

/// A target of 7B-shaped layers whose weights are random bytes of one type, in memory; the vocabulary is tiny.
final class LayerSource: TensorSource {
  static let hidden = 4096, wide = 11008, vocabulary = 64

  let tensors: [TensorDescriptor]
  private let payloads: [[UInt8]]
  /// Bytes that one token has to read.
  let layerByteCount: Int

  init(layers: Int, type: ElementType) throws {
    var (tensors, payloads): ([TensorDescriptor], [[UInt8]]) = ([], [])
    var layerByteCount = 0
    func add(_ name: String, _ shape: [Int], _ type: ElementType) throws {
      let tensor = try TensorDescriptor(name: name, type: type, shape: Shape(shape))
      payloads.append(LayerSource.bytes(of: tensor))
      tensors.append(tensor)
    }
    try add("model.embed_tokens.weight", [LayerSource.vocabulary, LayerSource.hidden], .f16)
    for layer in 0..<layers {
      let prefix = "model.layers.\(layer)."
      try add(prefix + "input_layernorm.weight", [LayerSource.hidden], .f16)
      try add(prefix + "post_attention_layernorm.weight", [LayerSource.hidden], .f16)
      for name in ["q", "k", "v", "o"] {
        try add("\(prefix)self_attn.\(name)_proj.weight", [LayerSource.hidden, LayerSource.hidden], type)
      }
      for name in ["gate", "up"] { try add("\(prefix)mlp.\(name)_proj.weight", [LayerSource.wide, LayerSource.hidden], type) }
      try add(prefix + "mlp.down_proj.weight", [LayerSource.hidden, LayerSource.wide], type)
      layerByteCount = tensors.dropFirst().reduce(0) { $0 + $1.byteCount }
    }
    try add("model.norm.weight", [LayerSource.hidden], .f16)
    try add("lm_head.weight", [LayerSource.vocabulary, LayerSource.hidden], .f16)
    (self.tensors, self.payloads, self.layerByteCount) = (tensors, payloads, layerByteCount)
  }

  /// Small halves, or blocks with a small scale: exponents of random bits would make infinities.
  private static func bytes(of tensor: TensorDescriptor) -> [UInt8] {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    func next() -> UInt8 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 56)
    }
    var block = [UInt8](repeating: 0, count: tensor.type.bytesPerBlock * 4096)
    for start in stride(from: 0, to: block.count, by: tensor.type.bytesPerBlock) {
      for offset in 0..<tensor.type.bytesPerBlock { block[start + offset] = next() }
      block[start + 1] = 0x10 | next() & 0x83
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(tensor.byteCount + block.count)
    while bytes.count < tensor.byteCount { bytes += block }
    bytes.removeLast(bytes.count - tensor.byteCount)
    return bytes
  }

  func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    let payload = payloads[index]
    return try body(payload.rawBytes)
  }

  func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    for byte in 0..<buffer.byteCount { buffer.storeBytes(of: payloads[index][offset + byte], toByteOffset: byte, as: UInt8.self) }
  }
}
