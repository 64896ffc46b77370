internal import ByteStorage
internal import Tensors

extension PackingScheme {
  /// Floats of 8 bits with a scale for a tensor, a row, or a block of rows and columns.
  ///
  /// - Source: `weight_scale` as compressed-tensors, ModelOpt, AutoFP8 and FBGEMM write it; `weight_scale_inv` as DeepSeek and Qwen do,
  ///   by which values are multiplied as well.
  static let scaledFloats = PackingScheme(
    words: "floats of 8 bits with scales",
    methods: ["fp8", "compressed-tensors", "modelopt", "fbgemm_fp8"],
    ending: ".weight",
    shows: { [.f8_e4m3, .f8_e5m2].contains($0.lead.type) },
    open: { (module) throws(GriffinError) in try ScaledFloats(module) })
}

/// A weight of floats of 8 bits, as f32 products of value and scale; as bf16 where scales are powers of two.
private struct ScaledFloats: UnpackedTensor {
  let descriptor: TensorDescriptor
  private let weight: PackedPart
  private let scale: PackedPart
  /// Rows and columns that share a scale.
  private let block: (rows: Int, columns: Int)
  private let scaleColumns: Int
  private let values: [Float]

  var parts: [Int] { [weight.index, scale.index] }

  init(_ module: PackedModule) throws(GriffinError) {
    weight = module.lead
    guard let (rows, columns) = weight.matrix else {
      throw module.failure(.unsupported, "it is \(weight.descriptor.shape); of floats of 8 bits only matrices are read")
    }
    guard let scale = module.part(".weight_scale") ?? module.part(".weight_scale_inv") else {
      throw module.failure(.inconsistent, "there is no \(module.name.shortened()).weight_scale, and no weight_scale_inv")
    }
    self.scale = scale
    try scale.check(ElementType.scales)
    if scale.descriptor.shape.elementCount == 1 {
      block = (max(rows, 1), max(columns, 1))
    } else if scale.dimensions == [rows, 1] || scale.dimensions == [rows] {
      block = (1, max(columns, 1))
    } else {
      guard let size = try module.statement.blockSize() else {
        throw scale.failure(
          .inconsistent,
          "it is \(scale.descriptor.shape), and quantization_config has no weight_block_size; without one expected one scale, or \([rows, 1])")
      }
      block = size
      try scale.check(
        shape: [(rows + size.rows - 1) / size.rows, (columns + size.columns - 1) / size.columns],
        because: "one for every \(size.rows) x \(size.columns) elements of \(weight.descriptor.shape)")
    }
    scaleColumns = (columns + block.columns - 1) / block.columns
    // The product of 4 bits and a power of two is a bf16.
    let format = module.statement.document.value("scale_fmt")?.string
    let isPowerOfTwo = scale.type == .f8_e8m0 || format == "ue8m0"
    descriptor = try module.descriptor(".weight", isPowerOfTwo ? .bf16 : .f32, [rows, columns])
    let isE4M3 = module.lead.type == .f8_e4m3
    values = (0...UInt8.max).map { isE4M3 ? Float(e4m3: $0) : Float(halfBits: UInt16($0) << 8) }
  }

  func unpack(_ rows: Range<Int>, of source: any TensorSource, into buffer: inout MutableRawSpan) throws {
    let columns = descriptor.shape.rowLength
    var raw = ByteBuffer(byteCount: rows.count * columns)
    try weight.read(rows.lowerBound * columns..<rows.upperBound * columns, of: source, into: &raw)
    let bytes = raw.bytes
    let blocks = rows.lowerBound / block.rows..<(rows.upperBound - 1) / block.rows + 1
    let scales = try scale.scales(blocks.lowerBound * scaleColumns..<blocks.upperBound * scaleColumns, of: source)
    for row in rows {
      let line = (row - rows.lowerBound) * columns
      let first = (row / block.rows - blocks.lowerBound) * scaleColumns
      for part in 0..<scaleColumns {
        let scale = scales[first + part]
        let run = line + part * block.columns..<line + min(columns, (part + 1) * block.columns)
        if descriptor.type == .f32 {
          for index in run { buffer.storeLittleEndian((values[Int(bytes[index])] * scale).bitPattern, at: 4 * index) }
        } else {
          for index in run { buffer.storeLittleEndian(try brief(values[Int(bytes[index])] * scale), at: 2 * index) }
        }
      }
    }
  }

  /// The bits of a bf16 with the same value.
  private func brief(_ value: Float) throws(GriffinError) -> UInt16 {
    guard value.bitPattern & 0xFFFF == 0 else {
      throw scale.failure(
        .inconsistent, "the scales are said to be powers of two, and a value is \(value), which is no bf16")
    }
    return UInt16(value.bitPattern >> 16)
  }
}

extension Float {
  /// The value of an E4M3 float (OCP's: no infinities, and one pattern that is no number).
  fileprivate init(e4m3 byte: UInt8) {
    let half = UInt16(byte & 0x80) << 8 | UInt16(byte & 0x7F) << 7
    // The exponents' biases differ by 8.
    self = byte & 0x7F == 0x7F ? .nan : Float(halfBits: half) * 256
  }
}
