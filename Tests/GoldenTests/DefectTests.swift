import Bundles
import ByteStorage
import Conversion
import LinearAlgebra
import Models
import Quantization
import SpeculativeDecoding
import Tensors
import TestSupport
import Testing
import Verification

/// The silent mistakes of conversions, planted in a trained draft: output stays right, and only comparison finds them.
struct DefectTests {
  /// What went wrong.
  enum Defect: String, CaseIterable, Sendable {
    case tokensShiftedByOne, fusionHalvesSwapped, fusionBiasDropped, otherRopeTheta, randomEmbeddings, transposedMatrix

    /// What a diagnosis calls it.
    var kind: String {
      switch self {
      case .tokensShiftedByOne: "embedding_shifted"
      case .fusionHalvesSwapped: "fc_halves_swapped"
      case .fusionBiasDropped: "bias_missing"
      case .otherRopeTheta: "rope_theta"
      case .randomEmbeddings: "embedding_unrelated"
      case .transposedMatrix: "attention_transposed"
      }
    }

    /// The draft with the mistake.
    func planted(in draft: DraftModel) throws -> DraftModel {
      var configuration = draft.configuration
      var source = MemorySource()
      for binding in draft.tensors.bindings {
        let tensor = draft.tensors.source.tensors[binding.index]
        var bytes = try draft.tensors.source.withBytes(of: binding.index) { $0.copied }
        change(&bytes, binding.name, tensor.shape.dimensions)
        try source.add(binding.name, tensor.type, tensor.shape.dimensions, bytes: bytes)
      }
      if self == .otherRopeTheta { configuration.rotary.base = 500_000 }
      return try DraftModel(kind: draft.kind, configuration: configuration, table: TensorTable(source), prefix: "", file: nil)
    }

    /// Elements are 16 bits wide.
    private func change(_ bytes: inout [UInt8], _ name: String, _ shape: [Int]) {
      let row = 2 * (shape.last ?? 1)
      switch (self, name) {
      case (.tokensShiftedByOne, "embed_tokens.weight"): bytes = Array(bytes[row...] + bytes[..<row])
      case (.fusionHalvesSwapped, "fc.fc.weight"):
        var swapped: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: row) {
          swapped += bytes[(start + row / 2)..<(start + row)]
          swapped += bytes[start..<(start + row / 2)]
        }
        bytes = swapped
      case (.fusionBiasDropped, "fc.fc.bias"): bytes = [UInt8](repeating: 0, count: bytes.count)
      case (.randomEmbeddings, "embed_tokens.weight"):
        var numbers = SeededNumbers(seed: 77)
        let values: [UInt16] = (0..<bytes.count / 2).map { _ in Float16(Float.random(in: -0.05...0.05, using: &numbers)).bitPattern }
        bytes = littleEndian(values)
      case (.transposedMatrix, "layers.0.self_attn.o_proj.weight"):
        let count = shape[0]
        bytes = (0..<count * count).flatMap { index in
          let start = 2 * (index % count * count + index / count)
          return bytes[start..<start + 2]
        }
      default: break
      }
    }
  }

  @Test(arguments: Defect.allCases, ["copy", "q8_0"]) func comparisonAndTracesFind(defect: Defect, recipe: String) throws {
    let folder = try TemporaryFolder()
    let pair = try GoldenPair("llama2-tiny")
    let planted = try defect.planted(in: pair.draft)
    let selection = TypeSelection(try Recipe.named(recipe))
    let inputs = try ConversionInputs(
      target: ConversionComponent(pair.target, selection: .copy, weightFiles: [], attachments: []),
      draft: ConversionComponent(planted, selection: selection, weightFiles: [], attachments: []))
    _ = try ConversionRun(inputs, output: folder.path("planted.griffin"), threads: 2).run()
    let bundle = try ModelBundle.open(path: folder.path("planted.griffin"))

    var traced = VerificationRequest()
    traced.traces = [("trace", try pair.trace("trace.json"))]
    let trace = try Verifier(bundle, threads: 2).run(traced)
    #expect(!trace.isOK)
    // The output itself is right, which is why nobody notices.
    #expect(trace.cases.allSatisfy { $0.isIdentical })
    guard recipe == "copy" else { return }

    var compared = VerificationRequest()
    compared.against = try ModelSource.Pair(target: pair.target, draft: pair.draft)
    compared.prompts = try pair.trace("trace.json").cases.prefix(3).map { .init(name: $0.name, ids: $0.promptIDs) }
    let report = try Verifier(bundle, threads: 2).run(compared)
    #expect(report.checks.last?.name == "fidelity to the source" && report.checks.last?.isOK == false)
    #expect(report.fidelity?.klMaximum == 0 && report.fidelity?.overlap == 1)
    #expect(report.diagnosis.first?.kind == defect.kind, "\(report.diagnosis)")
  }

  /// Without a mistake both hold.
  @Test func theDraftItselfPasses() throws {
    let folder = try TemporaryFolder()
    let pair = try GoldenPair("llama2-tiny")
    let inputs = try ConversionInputs(
      target: ConversionComponent(pair.target, selection: .copy, weightFiles: [], attachments: []),
      draft: ConversionComponent(pair.draft, selection: .copy, weightFiles: [], attachments: []))
    _ = try ConversionRun(inputs, output: folder.path("pair.griffin"), threads: 2).run()
    var request = VerificationRequest()
    request.against = try ModelSource.Pair(target: pair.target, draft: pair.draft)
    let report = try Verifier(ModelBundle.open(path: folder.path("pair.griffin")), threads: 2).run(request)
    #expect(report.isOK && report.diagnosis.isEmpty)
  }
}
