internal import ByteStorage
internal import Tensors

/// What AWQ and GPTQ have in common: integers that lie input by input, with a scale and a zero for each output of a group of inputs.
struct IntegerGroups: Sendable {
  let qweight: PackedPart
  let qzeros: PackedPart
  let scales: PackedPart
  /// Bits of an integer.
  let bits: Int
  let inputs: Int
  let outputs: Int

  var groups: Int { scales.dimensions[0] }
  /// Integers in a word of 32 bits.
  var perWord: Int { 32 / bits }
  private var mask: UInt32 { UInt32(1 << bits) - 1 }

  /// - Throws: `unsupported` for other types; `inconsistent` for zeros or a number of groups that do not fit.
  init(
    _ module: PackedModule, bits: Int, inputs: Int, outputs: Int, qzeros: PackedPart, scales: PackedPart
  ) throws(GriffinError) {
    (qweight, self.qzeros, self.scales) = (module.lead, qzeros, scales)
    (self.bits, self.inputs, self.outputs) = (bits, inputs, outputs)
    try qweight.check([.i32])
    try qzeros.check([.i32])
    try scales.check([.f16, .bf16, .f32])
    let size = try module.statement.document.integer("group_size", in: -1...1_048_576) ?? -1
    guard size != 0 else { throw module.failure(.malformed, "quantization_config has a group_size of 0") }
    let groups = size < 0 ? 1 : (inputs + size - 1) / size
    let reason = "for groups of \(size < 0 ? inputs : size) of \(inputs) inputs and \(outputs) outputs"
    try scales.check(shape: [groups, outputs], because: reason)
    try qzeros.check(shape: [groups, outputs * bits / 32], because: reason)
  }

  /// The group of an input where groups follow one another.
  var groupSize: Int { (inputs + groups - 1) / groups }

  /// Scales of some outputs, group by group.
  func scales(_ outputs: Range<Int>, of source: any TensorSource) throws -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(groups * outputs.count)
    for group in 0..<groups {
      let first = group * self.outputs
      values += try scales.scales(first + outputs.lowerBound..<first + outputs.upperBound, of: source)
    }
    return values
  }

  /// Zeros of some outputs, group by group.
  /// - Parameter shift: Where the integer of an output is in its word, in bits.
  func zeros(
    _ outputs: Range<Int>, of source: any TensorSource, shift: (_ output: Int) -> Int
  ) throws -> [Int32] {
    let columns = qzeros.dimensions[1]
    let words = outputs.lowerBound / perWord..<(outputs.upperBound - 1) / perWord + 1
    var line = ByteBuffer(byteCount: words.count * 4)
    var values: [Int32] = []
    values.reserveCapacity(groups * outputs.count)
    for group in 0..<groups {
      try qzeros.read(group * columns + words.lowerBound..<group * columns + words.upperBound, of: source, into: &line)
      let bytes = line.bytes
      for output in outputs {
        values.append(integer(word(bytes, output / perWord - words.lowerBound), shift(output)))
      }
    }
    return values
  }

  func word(_ bytes: RawSpan, _ index: Int) -> UInt32 { bytes.littleEndian(UInt32.self, at: 4 * index) ?? 0 }

  /// The integer of a word from a bit on.
  func integer(_ word: UInt32, _ shift: Int) -> Int32 { Int32(word >> UInt32(shift) & mask) }
}
