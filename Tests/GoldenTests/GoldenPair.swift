import ByteStorage
import Checkpoints
import Models
import Tensors
import TestSupport
import Testing
import Verification

/// A trained pair of `Tests/Fixtures/golden`, read as it was released, with what another implementation computed of it.
struct GoldenPair: Sendable {
  /// Pairs with a GRIFFIN draft, with arrays of both models.
  static let griffins = ["llama2-tiny", "llama2-wide", "vicuna-tiny", "llama31-tiny", "qwen2-tiny", "mixtral-tiny"]
  /// Pairs with counts of misaligned tokens.
  static let counted = griffins + ["llama2-eagle2"]
  /// Every pair that is there, and its traces.
  static let names = counted + ["llama3-eagle3"]
  static let traces = ["trace.json", "trace-small-tree.json"]

  let name: String
  /// Where its files are.
  let folder: String
  let target: TargetModel
  let draft: DraftModel

  init(_ name: String) throws {
    self.name = name
    folder = try Fixtures.golden(name)
    // One draft speculates for the target of another pair.
    let target = try Checkpoint.open(path: (name == "llama2-eagle2" ? Fixtures.golden("llama2-tiny") : folder) + "/target")
    let draft = try Checkpoint.open(path: folder + "/draft")
    self.target = try TargetModel.recognise(target.source, config: ConfigDocument(target.config, file: target.configPath))
    self.draft = try DraftModel.recognise(draft.source, config: ConfigDocument(draft.config, file: draft.configPath))
  }

  func trace(_ file: String) throws -> DecodeTrace { try DecodeTrace(path: "\(folder)/\(file)") }

  func array(_ file: String) throws -> NumPyArray { try NumPyArray(path: "\(folder)/debug/\(file).npy") }

  /// The text of which `debug` holds what the models compute: 32 ids.
  func text() throws -> [Int] {
    let file = try InputFile(path: folder + "/debug/sanity.json")
    let value = try JSONValue.parse(file.bytes, limits: .config)
    return try #require(value["token_ids"]?.array).compactMap(\.integer)
  }
}
