internal import ByteStorage
internal import Tensors

extension PackingScheme {
  /// OCP MXFP4 as gpt-oss has it: `X_blocks`, 16 bytes for 32 values of a row, and `X_scales`, their exponents.
  ///
  /// The values are those of GGUF's block type of that name, so that is what the weight is; only the order of a block's nibbles differs.
  /// - Source: `convert_moe_packed_tensors` of Hugging Face transformers; OCP Microscaling Formats 1.0.
  static let mxfp4 = PackingScheme(
    words: "packed as MXFP4",
    methods: ["mxfp4"],
    ending: "_blocks",
    shows: { $0.lead.type == .u8 && $0.part("_scales") != nil },
    open: { (module) throws(GriffinError) in
      let (blocks, scales) = (module.lead, try module.required("_scales"))
      guard blocks.dimensions.count >= 3, blocks.dimensions.last == 16 else {
        throw module.failure(.malformed, "it is \(blocks.descriptor.shape); expected rows of blocks of 16 bytes")
      }
      return try MXFP4(module, name: "", blocks: blocks, scales: scales, rows: Array(blocks.dimensions.dropLast(2)))
    })

  /// The same as compressed-tensors has it (`mxfp4-pack-quantized`): `weight_packed` and `weight_scale`.
  static let mxfp4Weights = PackingScheme(
    words: "packed by compressed-tensors",
    methods: ["compressed-tensors"],
    ending: ".weight_packed",
    shows: { $0.lead.type == .u8 && $0.part(".weight_scale")?.type == .u8 },
    open: { (module) throws(GriffinError) in
      let (blocks, scales) = (module.lead, try module.required(".weight_scale"))
      guard let (rows, bytes) = blocks.matrix, bytes % 16 == 0 else {
        throw module.failure(.malformed, "it is \(blocks.descriptor.shape); expected rows of whole blocks of 16 bytes")
      }
      return try MXFP4(module, name: ".weight", blocks: blocks, scales: scales, rows: [rows])
    })
}

private struct MXFP4: UnpackedTensor {
  let descriptor: TensorDescriptor
  private let blocks: PackedPart
  private let scales: PackedPart
  private let blocksOfRow: Int

  var parts: [Int] { [blocks.index, scales.index] }

  /// - Parameter rows: All dimensions but the innermost.
  init(_ module: PackedModule, name: String, blocks: PackedPart, scales: PackedPart, rows: [Int]) throws(GriffinError) {
    (self.blocks, self.scales) = (blocks, scales)
    try scales.check([.u8, .f8_e8m0])
    let count = rows.reduce(1, *)
    blocksOfRow = count > 0 ? blocks.descriptor.shape.elementCount / 16 / count : 0
    try scales.check(shape: rows + [blocksOfRow], because: "one for every 32 values")
    descriptor = try module.descriptor(name, .mxfp4, rows + [blocksOfRow * 32])
  }

  func unpack(_ rows: Range<Int>, of source: any TensorSource, into buffer: inout MutableRawSpan) throws {
    let places = rows.lowerBound * blocksOfRow..<rows.upperBound * blocksOfRow
    var nibbles = ByteBuffer(byteCount: places.count * 16)
    var exponents = ByteBuffer(byteCount: places.count)
    try blocks.read(places.lowerBound * 16..<places.upperBound * 16, of: source, into: &nibbles)
    try scales.read(places, of: source, into: &exponents)
    let (bytes, scaleBytes) = (nibbles.bytes, exponents.bytes)
    for block in 0..<places.count {
      let exponent = scaleBytes[block]
      guard exponent != 255 else {
        throw scales.failure(.malformed, "scale \(places.lowerBound + block) is no number; expected a power of two")
      }
      buffer.storeLittleEndian(exponent, at: 17 * block)
      // A byte holds two neighbours here, and values 16 apart there.
      for place in 0..<16 {
        let (low, high) = (bytes[16 * block + place / 2], bytes[16 * block + 8 + place / 2])
        let byte = place % 2 == 0 ? low & 15 | high << 4 : low >> 4 | high & 0xF0
        buffer.storeLittleEndian(byte, at: 17 * block + 1 + place)
      }
    }
  }
}
