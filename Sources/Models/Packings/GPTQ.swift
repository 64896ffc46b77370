internal import ByteStorage
internal import Tensors

extension PackingScheme {
  /// GPTQ's integers of 2, 4 or 8 bits: words that hold successive inputs of one output.
  ///
  /// - Source: `qweight`, `qzeros`, `scales` and `g_idx` as AutoGPTQ packs them; `checkpoint_format` as GPTQModel writes it.
  static let gptq = PackingScheme(
    words: "packed by GPTQ",
    methods: ["gptq"],
    ending: ".qweight",
    shows: { module in
      guard let scales = module.part(".scales")?.matrix, module.part(".qzeros") != nil else { return module.part(".g_idx") != nil }
      return module.part(".g_idx") != nil || module.lead.matrix?.columns == scales.columns
    },
    open: { (module) throws(GriffinError) in try GPTQ(module) })
}

private struct GPTQ: UnpackedTensor {
  let descriptor: TensorDescriptor
  private let integers: IntegerGroups
  /// The group of each input; nil where groups follow one another.
  private let order: PackedPart?
  /// Added to a stored zero: the first form of the format stores one less.
  private let offset: Int32

  var parts: [Int] { [integers.qweight.index, integers.qzeros.index, integers.scales.index] + [order?.index].compactMap(\.self) }

  init(_ module: PackedModule) throws(GriffinError) {
    let statement = module.statement.document
    guard let bits = try statement.integer("bits", in: 1...32) else {
      throw module.failure(.inconsistent, "the tensors are packed by GPTQ, and quantization_config does not say of how many bits")
    }
    guard [2, 4, 8].contains(bits) else {
      throw module.failure(.unsupported, "the tensors are packed by GPTQ in \(bits) bits; 2, 4 and 8 are read")
    }
    let format = try statement.string("checkpoint_format") ?? "gptq"
    guard format == "gptq" || format == "gptq_v2", try statement.bool("is_marlin_format") != true else {
      throw module.failure(
        .unsupported, "the checkpoint_format of quantization_config is \(format.shortened(to: 40).printable); expected gptq or gptq_v2")
    }
    offset = format == "gptq" ? 1 : 0
    let (scales, qzeros) = (try module.required(".scales"), try module.required(".qzeros"))
    guard let (words, outputs) = module.lead.matrix, let inputs = words.multiplied(by: 32 / bits) else {
      throw module.failure(.malformed, "it is \(module.lead.descriptor.shape); expected a matrix")
    }
    order = module.part(".g_idx")
    try order?.check([.i32])
    try order?.check(shape: [inputs], because: "the group of each input of \(module.lead.descriptor.shape)")
    integers = try IntegerGroups(module, bits: bits, inputs: inputs, outputs: outputs, qzeros: qzeros, scales: scales)
    descriptor = try module.descriptor(".weight", .f32, [outputs, inputs])
  }

  func unpack(_ rows: Range<Int>, of source: any TensorSource, into buffer: inout MutableRawSpan) throws {
    let (bits, outputs, inputs) = (integers.bits, integers.outputs, integers.inputs)
    let largest = Int32(1 << bits) - 1
    let scales = try integers.scales(rows, of: source)
    let zeros = try integers.zeros(rows, of: source) { $0 % integers.perWord * bits }.map { ($0 + offset) & largest }
    let groups = try groups(of: source)
    var line = ByteBuffer(byteCount: rows.count * 4)
    for word in 0..<inputs / integers.perWord {
      try integers.qweight.read(word * outputs + rows.lowerBound..<word * outputs + rows.upperBound, of: source, into: &line)
      let bytes = line.bytes
      for part in 0..<integers.perWord {
        let input = word * integers.perWord + part
        let first = groups[input] * rows.count
        for row in 0..<rows.count {
          let value = integers.integer(integers.word(bytes, row), part * bits) - zeros[first + row]
          buffer.storeLittleEndian((Float(value) * scales[first + row]).bitPattern, at: 4 * (row * inputs + input))
        }
      }
    }
  }

  private func groups(of source: any TensorSource) throws -> [Int] {
    guard let order else { return (0..<integers.inputs).map { $0 / integers.groupSize } }
    var buffer = ByteBuffer(byteCount: integers.inputs * 4)
    try order.read(0..<integers.inputs, of: source, into: &buffer)
    let bytes = buffer.bytes
    var groups: [Int] = []
    groups.reserveCapacity(integers.inputs)
    for input in 0..<integers.inputs {
      let group = Int(bytes.littleEndian(Int32.self, at: 4 * input) ?? -1)
      guard (0..<integers.groups).contains(group) else {
        throw order.failure(.malformed, "input \(input) is of group \(group); there are \(integers.groups) groups")
      }
      groups.append(group)
    }
    return groups
  }
}
