import ByteStorage
import Checkpoints
import LinearAlgebra
import Quantization
import Tensors
import TestSupport
import Testing

/// Block encoders against ggml (`scripts/make-encoder-vectors.py`), and kernels against definitions.
struct BlockEncodingTests {
  /// The types whose scales are searched for.
  static let types: [ElementType] = steps + fewBits
  private static let steps: [ElementType] = [.q4_0, .q4_1, .q5_0, .q5_1, .q2_k, .q3_k, .q4_k, .q5_k, .q6_k, .iq4_nl, .iq4_xs]
  /// Those with codebooks, ternary digits or 4-bit floats.
  private static let fewBits: [ElementType] = [
    .iq3_s, .iq3_xxs, .iq2_s, .iq2_xs, .iq2_xxs, .iq1_m, .iq1_s, .tq1_0, .tq2_0, .mxfp4,
  ]
  /// What ggml does not encode without importance.
  private static let weightedAlone: Set<ElementType> = [.iq2_xs, .iq2_xxs, .iq1_s]
  private static let columns = 256

  private static func floats(_ name: String) throws -> [Float] {
    let bytes = try Fixtures.bytes("encoders/\(name)")
    return stride(from: 0, to: bytes.count, by: 4).map { start in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << (8 * $1) })
    }
  }

  /// Codes of groups whose scale is zero mean nothing, so values are compared; ordinary rows have ggml's very bytes.
  @Test(arguments: types, InstructionSet.available)
  func valuesAreThoseOfGGML(type: ElementType, set: InstructionSet) throws {
    let values = try BlockEncodingTests.floats("values.f32")
    let format = try #require(StorageFormat.of(type))
    for weighted in BlockEncodingTests.weightedAlone.contains(type) ? [true] : [false, true] {
      let importance = weighted ? try BlockEncodingTests.floats("importance.f32") : nil
      let encoded = try #require(format.encoder)
        .bytes(of: values, columns: BlockEncodingTests.columns, importance: importance, using: set)
      let expected = try Fixtures.bytes("encoders/\(type)\(weighted ? "-weighted" : "").bin")
      let (ours, theirs) = (
        format.decoder.values(of: encoded, count: values.count, using: set),
        format.decoder.values(of: expected, count: values.count, using: set)
      )
      let difference = ours.indices.first { ours[$0] != theirs[$0] }
      #expect(difference == nil, "\(type) weighted \(weighted): row \((difference ?? 0) / BlockEncodingTests.columns)")
      // The first eight rows are ordinary weights.
      let ordinary = 8 * BlockEncodingTests.columns / type.elementsPerBlock * type.bytesPerBlock
      #expect(encoded[..<ordinary] == expected[..<ordinary], "\(type) weighted \(weighted)")
    }
  }

  /// Trained weights: neither the error that was minimised nor the other one is larger than ggml's.
  @Test(arguments: types + [.q8_0]) func errorsOnTrainedWeightsAreAtMostThoseOfGGML(type: ElementType) throws {
    let checkpoint = try Checkpoint.open(path: Fixtures.path("golden/llama2-wide/target"))
    let name = "model.layers.0.mlp.down_proj.weight"
    let index = try #require(TensorTable(checkpoint.source).index(of: name))
    let tensor = checkpoint.source.tensors[index]
    let columns = tensor.shape.dimensions[1]
    var values = [Float](repeating: 0, count: tensor.shape.elementCount)
    let source = try #require(StorageFormat.of(tensor.type)).decoder
    try checkpoint.source.withBytes(of: index) { bytes in
      var span = values.mutableSpan
      source.decode(bytes, into: &span, using: .plain)
    }
    let text = try Fixtures.bytes("encoders/errors.json")
    let ceilings: JSONValue = try JSONValue.parse(text.rawBytes, limits: .config)
    let importance = (0..<columns).map { column in
      let root = Float(1 + column % 7)
      return root * root / 4
    }
    let format = try #require(StorageFormat.of(type))
    for key in BlockEncodingTests.weightedAlone.contains(type) ? ["with"] : ["without", "with"] {
      let weights: [Float]? = key == "with" ? importance : nil
      let encoded = try #require(format.encoder).bytes(of: values, columns: columns, importance: weights, using: .best)
      let decoded = format.decoder.values(of: encoded, count: values.count, using: .best)
      var plain: Double = 0
      var weighted: Double = 0
      for index in values.indices {
        let difference = Double(decoded[index]) - Double(values[index])
        plain += difference * difference
        weighted += difference * difference * Double(importance[index % columns])
      }
      let ceiling: JSONValue = try #require(ceilings[type.rawValue]?[key])
      let plainCeiling: Double = try #require(ceiling["plain"]?.double)
      let weightedCeiling: Double = try #require(ceiling["weighted"]?.double)
      #expect(plain <= 1.001 * plainCeiling, "\(key)")
      #expect(weighted <= 1.001 * weightedCeiling, "\(key)")
    }
  }

  /// Whatever the row: the same bytes with all instructions, in groups that are full and in those that are not.
  @Test(arguments: types + [.q8_0]) func kernelsGiveTheBytesOfTheDefinition(type: ElementType) throws {
    let format = try #require(StorageFormat.of(type))
    let encoder = try #require(format.encoder)
    var numbers = SeededNumbers(seed: 11)
    for columns in BlockEncodingTests.fewBits.contains(type) ? [512] : [256, 768] {
      let values = BlockEncodingTests.rows(columns: columns, largest: format.largestMagnitude ?? 1e30, &numbers)
      let random = (0..<columns).map { _ in Float.random(in: 0..<1, using: &numbers) }
      let sparse = random.map { $0 < 0.5 ? 0 : $0 * 1e4 }
      let huge = random.map { $0 * 1e35 }
      for importance in [nil, random, sparse, huge, [Float](repeating: 0, count: columns)] {
        let definition = encoder.bytes(of: values, columns: columns, importance: importance, using: .plain)
        for set in InstructionSet.available where set != .plain {
          let bytes = encoder.bytes(of: values, columns: columns, importance: importance, using: set)
          let difference = bytes.indices.first { bytes[$0] != definition[$0] }
          #expect(
            difference == nil,
            "\(set) \(importance == nil ? "" : "weighted") byte \(difference ?? 0) of \(columns / type.elementsPerBlock * type.bytesPerBlock)")
        }
        let decoded = format.decoder.values(of: definition, count: values.count, using: .plain)
        #expect(decoded.allSatisfy { $0.isFinite })
      }
    }
  }

  /// Random, heavy-tailed, constant, zero, denormal and negative rows, single outliers, and what a type can just store.
  private static func rows(columns: Int, largest: Float, _ numbers: inout SeededNumbers) -> [Float] {
    func row(_ value: () -> Float) -> [Float] { (0..<columns).map { _ in value() } }
    func uniform() -> Float { Float.random(in: -1..<1, using: &numbers) }
    var values: [Float] = []
    for _ in 0..<6 { values += row { uniform() * 0.05 } }
    for _ in 0..<3 { values += row { 0.01 / (uniform() + (Bool.random(using: &numbers) ? 1.001 : -1.001)) } }
    for _ in 0..<3 { values += row { (uniform() + uniform() + uniform() + uniform()) * 0.02 } }
    for constant: Float in [0, -0.0, 0.37, -1.25, 1e-20, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, largest, -largest] {
      values += row { constant }
    }
    for scale: Float in [0x1p-146, 0x1p-133, 1e-38, 1e-30, 1e-18, 1e-15, 1e-9, 1e-7, 1e-4, 1e3, largest] {
      values += row { uniform() * scale }
    }
    values += row { -abs(uniform()) }
    values += row { abs(uniform()) + 0.5 }
    for outlier: Float in [50, -50, largest, -largest, .leastNonzeroMagnitude] {
      var spiked = row { uniform() * 1e-3 }
      spiked[columns / 3] = outlier
      values += spiked
      var alone = row { 0 }
      alone[columns - 1] = outlier
      values += alone
    }
    var halves = row { 0 }
    for index in 0..<columns { halves[index] = Float(index % 16) - 7.5 }
    return values + halves
  }

  /// Zeros come back as zeros, and a constant as nearly itself.
  @Test(arguments: steps) func constantRowsComeBack(type: ElementType) throws {
    let format = try #require(StorageFormat.of(type))
    for constant: Float in [0, 0.37, -1.25, 100] {
      let values = [Float](repeating: constant, count: 512)
      let bytes = try #require(format.encoder).bytes(of: values, columns: 512, using: .best)
      let decoded = format.decoder.values(of: bytes, count: 512, using: .best)
      #expect(decoded.allSatisfy { abs($0 - constant) <= abs(constant) * 0.01 }, "\(constant): \(decoded[0])")
    }
  }

  /// Groups of zeros stay nearly that, and others where they are: of iq3_s ggml moves what follows such a group.
  @Test(arguments: fewBits, InstructionSet.available) func groupsOfZerosStayWhereTheyAre(type: ElementType, set: InstructionSet) throws {
    var numbers = SeededNumbers(seed: 3)
    let values = (0..<1024).map { index in index / 32 % 3 == 0 ? 0 : Float.random(in: 0.5..<1, using: &numbers) }
    let format = try #require(StorageFormat.of(type))
    let bytes = try #require(format.encoder).bytes(of: values, columns: 256, importance: [Float](repeating: 1, count: 256), using: set)
    let decoded = format.decoder.values(of: bytes, count: 1024, using: set)
    for start in stride(from: 0, to: values.count, by: 32) {
      let mean = decoded[start..<start + 32].reduce(0, +) / 32
      #expect(values[start] == 0 ? abs(mean) < 0.2 : mean > 0.4, "\(start): \(mean)")
    }
  }
}
