import ByteStorage
import Checkpoints
import Foundation
import Tensors
import Testing

/// Every rule of the safetensors format, broken once.
struct SafetensorsRuleTests {
  /// One file that breaks one rule: its header, the bytes after it, and what is found.
  struct Violation: Sendable, CustomTestStringConvertible {
    let name: String
    let header: String
    let dataBytes: Int
    var declaredHeaderBytes: UInt64?
    var kind = GriffinError.Kind.malformed

    var testDescription: String { name }

    var file: Data {
      var length = (declaredHeaderBytes ?? UInt64(header.utf8.count)).littleEndian
      return unsafe withUnsafeBytes(of: &length) { unsafe Data($0) } + Data(header.utf8) + Data(count: dataBytes)
    }
  }

  private static func tensor(_ name: String, _ type: String, _ shape: String, _ begin: Int, _ end: Int) -> String {
    #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(begin),\#(end)]}"#
  }

  static let violations: [Violation] = [
    Violation(name: "header beyond the file", header: "{}", dataBytes: 0, declaredHeaderBytes: 1000),
    Violation(name: "header beyond every limit", header: "{}", dataBytes: 0, declaredHeaderBytes: .max),
    Violation(name: "header above 100 MB", header: "{}", dataBytes: 0, declaredHeaderBytes: 100_000_001),
    Violation(name: "header that is no JSON", header: "{tensor}", dataBytes: 0),
    Violation(name: "header that is a list", header: "[]", dataBytes: 0),
    Violation(name: "same name twice", header: "{\(tensor("a", "F32", "[1]", 0, 4)),\(tensor("a", "F32", "[1]", 4, 8))}", dataBytes: 8),
    Violation(name: "overlap", header: "{\(tensor("a", "F32", "[2]", 0, 8)),\(tensor("b", "F32", "[2]", 4, 12))}", dataBytes: 12),
    Violation(name: "hole", header: "{\(tensor("a", "F32", "[1]", 0, 4)),\(tensor("b", "F32", "[1]", 8, 12))}", dataBytes: 12),
    Violation(name: "data after the last tensor", header: "{\(tensor("a", "F32", "[1]", 0, 4))}", dataBytes: 8),
    Violation(name: "data missing", header: "{\(tensor("a", "F32", "[4]", 0, 16))}", dataBytes: 8),
    Violation(name: "span unlike shape", header: "{\(tensor("a", "F32", "[3]", 0, 8))}", dataBytes: 8),
    Violation(name: "end before begin", header: "{\(tensor("a", "F32", "[1]", 4, 0))}", dataBytes: 4),
    Violation(name: "negative dimension", header: "{\(tensor("a", "F32", "[-1]", 0, 4))}", dataBytes: 4),
    Violation(
      name: "overflowing shape", header: "{\(tensor("a", "F32", "[4611686018427387904,4]", 0, 4))}", dataBytes: 4),
    Violation(name: "metadata that is no text", header: #"{"__metadata__":{"format":1}}"#, dataBytes: 0),
  ]

  /// A model folder around one safetensors file.
  private func folder(_ file: Data) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "griffin-safetensors-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(#"{"model_type":"llama"}"#.utf8).write(to: folder.appending(path: "config.json"))
    try file.write(to: folder.appending(path: "model.safetensors"))
    return folder
  }

  @Test(arguments: violations) func refuses(_ violation: Violation) throws {
    let folder = try folder(violation.file)
    defer { try? FileManager.default.removeItem(at: folder) }
    let error = #expect(throws: GriffinError.self) { try Checkpoint.open(path: folder.path) }
    #expect(error?.kind == violation.kind || error?.kind == .unsafe)
    #expect(error?.file?.hasSuffix("model.safetensors") == true)
  }

  @Test func acceptsScalarsEmptyTensorsAndPaddedHeaders() throws {
    let tensors = [
      SafetensorsRuleTests.tensor("scalar", "BF16", "[]", 0, 2), SafetensorsRuleTests.tensor("empty", "F16", "[0,4]", 2, 2),
      SafetensorsRuleTests.tensor("bytes", "U8", "[2,3]", 2, 8),
    ]
    let header = "{\"__metadata__\":{\"format\":\"pt\"},\(tensors.joined(separator: ","))}   "
    let folder = try folder(Violation(name: "none", header: header, dataBytes: 8).file)
    defer { try? FileManager.default.removeItem(at: folder) }
    let checkpoint = try Checkpoint.open(path: folder.path)
    let shapes = Dictionary(uniqueKeysWithValues: checkpoint.source.tensors.map { ($0.name, $0.shape.dimensions) })
    #expect(shapes == ["scalar": [], "empty": [0, 4], "bytes": [2, 3]])
  }
}
