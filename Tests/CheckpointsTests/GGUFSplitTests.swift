import ByteStorage
import Checkpoints
import Tensors
import TestSupport
import Testing

/// GGUF models in several files.
struct GGUFSplitTests {
  private static func name(_ number: Int, of count: Int) -> String { "tiny-0000\(number)-of-0000\(count).gguf" }

  /// The tiny model in three parts; only the first has metadata of its own.
  private static func parts() -> [GGUFBuilder] {
    let whole = GGUFBuilder.tiny()
    let ends = [0, 8, 15, whole.tensors.count]
    return (0..<3).map { number in
      var part = number == 0 ? whole : GGUFBuilder()
      part.tensors = Array(whole.tensors[ends[number]..<ends[number + 1]])
      part["split.no"] = .uint16(UInt16(number))
      part["split.count"] = .uint16(3)
      part["split.tensors.count"] = .int32(Int32(whole.tensors.count))
      return part
    }
  }

  private static func write(_ parts: [GGUFBuilder], to folder: TemporaryFolder) throws -> String {
    for (number, part) in parts.enumerated() { try folder.write(part.bytes, to: name(number + 1, of: 3)) }
    return folder.path(name(1, of: 3))
  }

  @Test func partsAreOneModel() throws {
    let (split, single) = (try TemporaryFolder(), try TemporaryFolder())
    let parts = try Checkpoint.open(path: GGUFSplitTests.write(GGUFSplitTests.parts(), to: split))
    let whole = try GGUFTests.open(.tiny(), in: single)
    #expect(parts.source.tensors == whole.source.tensors)
    for index in parts.source.tensors.indices {
      #expect(try parts.source.withBytes(of: index) { $0.copied } == whole.source.withBytes(of: index) { $0.copied })
    }
    #expect(parts.config == whole.config)
    #expect(parts.weightFiles.map(\.name) == (1...3).map { GGUFSplitTests.name($0, of: 3) })
  }

  @Test func aFirstPartWithoutTensorsIsAPart() throws {
    let folder = try TemporaryFolder()
    var parts = GGUFSplitTests.parts()
    parts[1].tensors = parts[0].tensors + parts[1].tensors
    parts[0].tensors = []
    #expect(try Checkpoint.open(path: GGUFSplitTests.write(parts, to: folder)).source.tensors.count == 21)
  }

  @Test func aMissingPartIsNamed() throws {
    let folder = try TemporaryFolder()
    let path = try GGUFSplitTests.write(Array(GGUFSplitTests.parts().prefix(2)), to: folder)
    let error = #expect(throws: GriffinError.self) { try Checkpoint.open(path: path) }
    #expect(error?.kind == .missing && error?.file == folder.path(GGUFSplitTests.name(3, of: 3)))
  }

  @Test func anotherPartPointsToTheFirst() throws {
    let folder = try TemporaryFolder()
    let first = try GGUFSplitTests.write(GGUFSplitTests.parts(), to: folder)
    let error = #expect(throws: GriffinError.self) { try Checkpoint.open(path: folder.path(GGUFSplitTests.name(2, of: 3))) }
    #expect(error?.kind == .inconsistent && error?.hints.first?.hasSuffix(first) == true)
  }

  @Test func aRenamedFirstPartFindsNoOthers() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(GGUFSplitTests.parts()[0].bytes, to: "renamed.gguf")
    let error = #expect(throws: GriffinError.self) { try Checkpoint.open(path: path) }
    #expect(error?.kind == .inconsistent && error?.hints.first?.contains("-00001-of-00003.gguf") == true)
  }

  /// A split whose parts contradict each other, and what is said of it.
  struct Contradiction: Sendable, CustomTestStringConvertible {
    let name: String
    let message: String
    let change: @Sendable (inout [GGUFBuilder]) -> Void

    var testDescription: String { name }
  }

  static let contradictions = [
    Contradiction(name: "two parts of one number", message: "says it is part 2") { $0[2]["split.no"] = .uint16(1) },
    Contradiction(name: "parts of different splits", message: "of 4") { $0[1]["split.count"] = .uint16(4) },
    Contradiction(name: "a part that says nothing of a split", message: "is no part") { parts in
      for key in ["split.no", "split.count"] { parts[1][key] = nil }
    },
    Contradiction(name: "parts of different models", message: "all parts hold") { $0[1]["split.tensors.count"] = .int32(7) },
    Contradiction(name: "a tensor too few", message: "hold 20 tensors") { $0[2].tensors.removeLast() },
    Contradiction(name: "a tensor in two parts", message: "is also in") { $0[2].tensors.append($0[1].tensors[0]) },
  ]

  @Test(arguments: contradictions) func contradictionsAreRefused(_ contradiction: Contradiction) throws {
    let folder = try TemporaryFolder()
    var parts = GGUFSplitTests.parts()
    contradiction.change(&parts)
    let path = try GGUFSplitTests.write(parts, to: folder)
    let error = #expect(throws: GriffinError.self) { try Checkpoint.open(path: path) }
    #expect(error?.kind == .inconsistent && error?.message.contains(contradiction.message) == true, "\(error?.description ?? "")")
  }

  @Test func aNumberBeyondTheCountIsMalformed() throws {
    let folder = try TemporaryFolder()
    var parts = GGUFSplitTests.parts()
    parts[0]["split.no"] = .uint16(3)
    let path = try GGUFSplitTests.write(parts, to: folder)
    let error = #expect(throws: GriffinError.self) { try Checkpoint.open(path: path) }
    #expect(error?.kind == .malformed)
  }
}
