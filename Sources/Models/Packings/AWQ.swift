internal import ByteStorage
internal import Tensors

extension PackingScheme {
  /// AWQ's integers of 4 bits in the layout for its matrix multiplication (`gemm`): words that hold eight outputs of one input.
  ///
  /// - Source: `WQLinear_GEMM` of AutoAWQ.
  static let awq = PackingScheme(
    words: "packed by AWQ",
    methods: ["awq"],
    ending: ".qweight",
    shows: { module in
      guard let scales = module.part(".scales")?.matrix, let columns = module.lead.matrix?.columns else { return false }
      return module.part(".g_idx") == nil && module.part(".qzeros") != nil && columns.multiplied(by: 8) == scales.columns
    },
    open: { (module) throws(GriffinError) in try AWQ(module) })
}

private struct AWQ: UnpackedTensor {
  let descriptor: TensorDescriptor
  private let integers: IntegerGroups

  /// Where the outputs of a word are in it: the even ones first.
  private static let places = [0, 4, 1, 5, 2, 6, 3, 7]

  var parts: [Int] { [integers.qweight.index, integers.qzeros.index, integers.scales.index] }

  init(_ module: PackedModule) throws(GriffinError) {
    let statement = module.statement.document
    let (stated, old) = (try statement.integer("bits", in: 1...32), try statement.integer("w_bit", in: 1...32))
    let bits = stated ?? old ?? 4
    guard bits == 4 else { throw module.failure(.unsupported, "the tensors are packed by AWQ in \(bits) bits; 4 are read") }
    let version = try statement.string("version")?.lowercased() ?? "gemm"
    guard version == "gemm" else {
      throw module.failure(
        .unsupported, "the version of quantization_config is \(version.shortened(to: 40).printable); of AWQ's packings gemm is read")
    }
    let (scales, qzeros) = (try module.required(".scales"), try module.required(".qzeros"))
    guard let (inputs, words) = module.lead.matrix, let outputs = words.multiplied(by: 8) else {
      throw module.failure(.malformed, "it is \(module.lead.descriptor.shape); expected a matrix")
    }
    integers = try IntegerGroups(module, bits: 4, inputs: inputs, outputs: outputs, qzeros: qzeros, scales: scales)
    descriptor = try module.descriptor(".weight", .f32, [outputs, inputs])
  }

  func unpack(_ rows: Range<Int>, of source: any TensorSource, into buffer: inout MutableRawSpan) throws {
    let (outputs, inputs) = (integers.outputs, integers.inputs)
    func shift(_ output: Int) -> Int { AWQ.places[output % 8] * 4 }
    let scales = try integers.scales(rows, of: source)
    let zeros = try integers.zeros(rows, of: source, shift: shift)
    let words = rows.lowerBound / 8..<(rows.upperBound - 1) / 8 + 1
    var line = ByteBuffer(byteCount: words.count * 4)
    for input in 0..<inputs {
      let first = input * outputs / 8
      try integers.qweight.read(first + words.lowerBound..<first + words.upperBound, of: source, into: &line)
      let bytes = line.bytes
      let group = input / integers.groupSize * rows.count
      for row in 0..<rows.count {
        let output = rows.lowerBound + row
        let value = integers.integer(integers.word(bytes, output / 8 - words.lowerBound), shift(output)) - zeros[group + row]
        buffer.storeLittleEndian((Float(value) * scales[group + row]).bitPattern, at: 4 * (row * inputs + input))
      }
    }
  }
}
