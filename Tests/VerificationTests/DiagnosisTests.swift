import Bundles
import ByteStorage
import Conversion
import Models
import Quantization
import SpeculativeDecoding
import Statistics
import TestSupport
import Testing
import Verification

/// What became of a tensor, and when a diagnosis is made at all.
struct DiagnosisTests {
  private static func random(_ rows: Int, _ columns: Int, seed: UInt64 = 5) -> Matrix {
    var numbers = SeededNumbers(seed: seed)
    return Matrix(rows: rows, columns: columns) { _, _ in Float.random(in: -1...1, using: &numbers) }
  }

  /// A GRIFFIN-like draft of 4 heads of 16 elements.
  private static func configuration() throws -> TransformerConfiguration {
    try TransformerConfiguration(
      reading: ConfigDocument(
        ["hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 1, "num_attention_heads": 4, "vocab_size": 64], file: nil))
  }

  private static func nature(_ role: TensorRole, _ packed: Matrix, _ source: Matrix, others: [(name: String, values: Matrix)] = []) throws -> String {
    try TensorNature.of(
      role, packed: packed, source: source, isBlockType: false, typeName: "f16", configuration: configuration(), others: others
    ).kind
  }

  private static let attention = TensorRole.layer(0, .query)

  @Test func mistakesOfPlaceAreTold() throws {
    let (square, wide, table) = (DiagnosisTests.random(64, 64), DiagnosisTests.random(64, 128), DiagnosisTests.random(60, 64))
    func nature(_ role: TensorRole, _ source: Matrix, _ packed: Matrix) throws -> String { try DiagnosisTests.nature(role, packed, source) }
    let query = DiagnosisTests.attention
    #expect(try nature(query, square, square) == "equal")
    #expect(try nature(query, square, Matrix(rows: 64, columns: 64) { square[$1, $0] }) == "transposed")
    // The bytes of [in, out] under the shape [out, in].
    let bytes = Matrix(rows: 128, columns: 64) { wide[$1, $0] }.values
    #expect(try nature(.fusion(.projection), wide, Matrix(rows: 64, columns: 128, values: bytes)) == "transposed")
    #expect(try nature(.fusion(.projection), wide, wide.columns { ($0 + 64) % 128 }) == "halves_swapped")
    // GGUF's order: of each head's rows 0, 8, 1, 9, ...
    #expect(try nature(query, square, square.rows { $0 / 16 * 16 + $0 % 2 * 8 + $0 % 16 / 2 }) == "row_order")
    #expect(try nature(.tokenEmbedding, table, table.rows { ($0 + 1) % 60 }) == "shifted")
    #expect(try nature(.tokenEmbedding, table, table.rows { ($0 * 7) % 60 }) == "rows_permuted")
    #expect(try nature(.layer(0, .gate), square, DiagnosisTests.random(64, 64, seed: 9)) == "unrelated")
    #expect(
      try DiagnosisTests.nature(.layer(0, .gate), square, DiagnosisTests.random(64, 64, seed: 9), others: [("up_proj", square)]) == "exchanged")
  }

  @Test func mistakesOfValueAreTold() throws {
    let (wide, norm) = (DiagnosisTests.random(64, 128), DiagnosisTests.random(1, 64).map { 1 + $0 / 10 })
    let fusion = TensorRole.fusion(.projection)
    #expect(try DiagnosisTests.nature(fusion, wide.map { -$0 }, wide) == "sign")
    #expect(try DiagnosisTests.nature(fusion, wide.map { 4 * $0 }, wide) == "scaled")
    #expect(try DiagnosisTests.nature(fusion, Matrix(rows: 64, columns: 128) { ($1 < 64 ? 0.05 : 1) * wide[$0, $1] }, wide) == "half_scaled")
    #expect(try DiagnosisTests.nature(fusion, Matrix(rows: 64, columns: 128) { ($1 < 64 ? 0 : 1) * wide[$0, $1] }, wide) == "half_missing")
    #expect(try DiagnosisTests.nature(fusion, wide.map { ($0 * 2).rounded() / 2 }, wide) == "quantized")
    #expect(try DiagnosisTests.nature(.tokenEmbedding, Matrix(rows: 64, columns: 128) { $0 % 4 == 0 ? 0 : wide[$0, $1] }, wide) == "rows_differ")
    #expect(try DiagnosisTests.nature(.fusion(.projectionBias), norm.map { _ in 0 }, norm) == "missing")
    #expect(try DiagnosisTests.nature(.finalNorm, norm.map { _ in 1 }, norm) == "missing")
    #expect(try DiagnosisTests.nature(.finalNorm, norm.map { $0 - 1 }, norm) == "offset")
    // Rounding hides no mistake.
    let rounded = wide.map { ($0 * 64).rounded() / 64 }
    #expect(try DiagnosisTests.nature(fusion, rounded.columns { ($0 + 64) % 128 }, wide) == "halves_swapped")
  }

  /// SciPy 1.14: `scipy.stats.t.ppf(1 - 0.005 / n, df)`.
  @Test func manyExperimentsWidenIntervals() {
    for (degrees, count, value) in [(12, 60, 5.3754), (30, 60, 4.2995), (47, 100, 4.2516), (200, 1000, 4.5330)] {
      #expect(abs(StudentT.quantile(degrees: degrees, comparisons: count) - value) < 0.01 * value, "\(degrees) \(count)")
    }
    #expect(StudentT.quantile(degrees: 6, comparisons: 60) == .infinity && StudentT.quantile(degrees: 30, comparisons: 1) == StudentT.quantile(degrees: 30))
  }

  private static func bundle(_ pair: TinyPair, in folder: TemporaryFolder) throws -> ModelBundle {
    let inputs = try ConversionInputs(
      target: ConversionComponent(pair.target, selection: .copy, weightFiles: [], attachments: []),
      draft: ConversionComponent(pair.draft, selection: .copy, weightFiles: [], attachments: []))
    _ = try ConversionRun(inputs, output: folder.path("pair.griffin"), force: true, threads: 1).run()
    return try ModelBundle.open(path: folder.path("pair.griffin"))
  }

  private static func request(against pair: TinyPair?) throws -> VerificationRequest {
    var request = VerificationRequest(settings: DecodeSettings(totalTokens: 12, depth: 2, topK: 3, maxNewTokens: 10))
    request.against = try pair.map { try ModelSource.Pair(target: $0.target, draft: $0.draft) }
    return request
  }

  /// A random draft accepts little, and nothing that is tried makes more of it.
  @Test func chanceIsNoCause() throws {
    let folder = try TemporaryFolder()
    let pair = try TinyPair()
    let report = try Verifier(DiagnosisTests.bundle(pair, in: folder), threads: 2).run(DiagnosisTests.request(against: pair))
    #expect(report.isOK && report.diagnosis.isEmpty && report.document["diagnosis"]?.array?.isEmpty == true)
    let alone = try Verifier(DiagnosisTests.bundle(pair, in: folder), threads: 2).run(DiagnosisTests.request(against: nil))
    #expect(alone.diagnosis.isEmpty, "\(alone.diagnosis)")
  }

  @Test func anotherTargetIsFoundAndWorkIsBounded() throws {
    let folder = try TemporaryFolder()
    let bundle = try DiagnosisTests.bundle(TinyPair(), in: folder)
    let steps = Locked<[(done: Int, total: Int)]>([])
    let verifier = Verifier(bundle, threads: 2) { step in
      if case .diagnosing(let done, let total) = step { steps.withLock { $0.append((done, total)) } }
    }
    let other = try TinyPair(.init(seed: 2))
    let report = try verifier.run(DiagnosisTests.request(against: other))
    // Both halves are others.
    #expect(!report.isOK && Set(report.diagnosis.map(\.kind)).isSuperset(of: ["target_unrelated", "draft_unrelated"]), "\(report.diagnosis)")
    let first = try #require(report.document["diagnosis"]?.array?.first)
    for key in ["kind", "cause", "evidence", "remedy"] { #expect(first[key]?.string?.isEmpty == false, "\(key)") }
    let seen = steps.withLock { $0 }
    #expect(!seen.isEmpty && seen.allSatisfy { $0.done <= $0.total && $0.total < 100 })
  }

  @Test func interruptionIsHeard() throws {
    let folder = try TemporaryFolder()
    let cancellation = Cancellation()
    let verifier = Verifier(try DiagnosisTests.bundle(TinyPair(), in: folder), threads: 1, cancellation: cancellation) { step in
      if case .diagnosing = step { cancellation.cancel() }
    }
    let other = try TinyPair(.init(seed: 2))
    #expect(throws: GriffinError(.interrupted, "interrupted")) { try verifier.run(DiagnosisTests.request(against: other)) }
  }
}
