import Bundles
import ByteStorage
import Conversion
import Models
import Quantization
import Tensors
import TestSupport
import Testing

/// A trained model in every recipe against what llama.cpp makes of the same weights (`scripts/make-recipe-vectors.py`).
///
/// Its bytes are those of plain x86-64 arithmetic; kernels and definitions have no fused operations either.
struct LlamaQuantizeTests {
  static let recipes = Recipe.all.map(\.name).filter { !["copy", "f32", "f16", "bf16"].contains($0) }

  /// Column `c` of every matrix counts as `(1 + c % 7)² / 4`.
  private static func importance(of pair: GoldenPair) -> ImportanceMatrix {
    var values: [String: [Float]] = [:]
    for binding in pair.target.tensors.bindings {
      let shape = pair.target.tensors.source.tensors[binding.index].shape
      guard shape.dimensions.count == 2 else { continue }
      values["target/" + binding.name] = (0..<shape.dimensions[1]).map { column in
        let root = Float(1 + column % 7)
        return root * root / 4
      }
    }
    return ImportanceMatrix(values)
  }

  @Test(arguments: recipes) func bytesAreThoseOfLlamaQuantize(recipe: String) throws {
    let text = try Fixtures.bytes("recipes/digests.json")
    let digests: JSONValue = try #require(try JSONValue.parse(text.rawBytes, limits: .config)[recipe])
    let pair = try GoldenPair("llama2-wide")
    let folder = try TemporaryFolder()
    for key in ["plain", "weighted"] {
      guard let expected = digests[key]?.string else {
        // Refused there, and but for one also here.
        #expect(key == "plain")
        if recipe != "q2_k_s" {
          let selection = TypeSelection(try Recipe.named(recipe))
          let error = #expect(throws: GriffinError.self) {
            _ = try ConversionComponent(pair.target, selection: selection, weightFiles: [], attachments: [])
          }
          #expect(error?.kind == .usage)
        }
        continue
      }
      let importance = key == "weighted" ? LlamaQuantizeTests.importance(of: pair) : nil
      let selection = TypeSelection(try Recipe.named(recipe), importance: importance)
      let inputs = try ConversionInputs(
        target: ConversionComponent(pair.target, selection: selection, weightFiles: [], attachments: []), draft: nil)
      _ = try ConversionRun(inputs, output: folder.path("\(key).griffin")).run()
      let bundle = try ModelBundle.open(path: folder.path("\(key).griffin"))
      let matrices = bundle.manifest.tensors.filter { $0.descriptor.shape.dimensions.count == 2 }
      let sorted = matrices.sorted { $0.descriptor.name.utf8.lexicographicallyPrecedes($1.descriptor.name.utf8) }
      let joined = sorted.map { bundle.manifest.payloads[$0.payload].digest.hexadecimal }.joined()
      #expect(SHA256Digest(of: Array(joined.utf8).rawBytes).hexadecimal == expected, "\(key)")
    }
  }
}
