import ByteStorage
import Checkpoints
import TestSupport
import Testing

/// Importance matrices against `scripts/make-imatrix-fixtures.py`, and what is wrong with damaged ones.
struct ImportanceFileTests {
  @Test(arguments: ["gguf", "dat"]) func valuesAreThoseOfLlamaQuantize(form: String) throws {
    let file = try ImportanceFile(path: Fixtures.path("imatrix/imatrix.\(form)"))
    let text = try Fixtures.bytes("imatrix/expected.json")
    let expected: JSONObject = try #require(try JSONValue.parse(text.rawBytes, limits: .config)[form]?.object)
    let found = try file.values
    #expect(Set(found.keys) == Set(expected.keys))
    for (name, values) in found {
      let numbers = try #require(expected[name]?.array).map { Float($0.double ?? -1) }
      #expect(values == numbers, "\(name)")
    }
    #expect(file.warnings.count == (form == "gguf" ? 1 : 0))
  }

  /// Every prefix of either form is refused, except for the older one's optional end.
  @Test(arguments: ["gguf", "dat"]) func truncatedFilesAreRefused(form: String) throws {
    let bytes = try Fixtures.bytes("imatrix/imatrix.\(form)")
    let folder = try TemporaryFolder()
    for count in stride(from: 0, to: bytes.count - 28, by: 7) {
      let path = try folder.write(Array(bytes[..<count]), to: "cut.\(form)")
      let error = #expect(throws: GriffinError.self) { try ImportanceFile(path: path) }
      #expect(error?.kind == .malformed, "\(count) bytes: \(error?.message ?? "")")
    }
  }

  @Test func damagedNumbersAreRefused() throws {
    let bytes = try Fixtures.bytes("imatrix/imatrix.dat")
    let folder = try TemporaryFolder()
    // The first entry: its name's length at 4, calls after 19 letters, number of values, values.
    for (offset, value, part) in [
      (0, UInt32.max, "the number of entries"), (0, 7_000_000, "the number of entries"), (4, 0, "the length of a tensor's name"),
      (4, 5000, "the length of a tensor's name"), (31, 0, "the number of values"), (31, 0x7FFF_FFFF, "the number of values"),
      (35, 0x7FC0_0000, "column 0"), (39, 0xBF80_0000, "column 1"), (43, 0x7F80_0000, "column 2"),
    ] {
      var damaged = bytes
      for byte in 0..<4 { damaged[offset + byte] = UInt8(truncatingIfNeeded: value >> UInt32(8 * byte)) }
      let path = try folder.write(damaged, to: "damaged.dat")
      let error = #expect(throws: GriffinError.self) { try ImportanceFile(path: path) }
      #expect(error?.kind == .malformed)
      #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }
    let twice = bytes + [0, 0, 0]
    let path = try folder.write(twice, to: "long.dat")
    #expect(throws: GriffinError.self) { try ImportanceFile(path: path) }
  }

  @Test func modelsAreNoImportanceMatrices() throws {
    let path = Fixtures.path("golden/llama2-tiny/target/model.safetensors")
    #expect(throws: GriffinError.self) { try ImportanceFile(path: path) }
    #expect(throws: GriffinError.self) { try ImportanceFile(path: "/nowhere/imatrix.gguf") }
  }
}
