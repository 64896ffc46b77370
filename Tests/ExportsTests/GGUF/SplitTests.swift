import ByteStorage
import Checkpoints
import Exports
import Tensors
import TestSupport
import Testing

/// One model in several files, as llama.cpp names and marks them.
@Suite struct SplitTests {
  private static let limit = 1 << 16

  @Test func partsAreNamedMarkedAndRead() throws {
    let road = try ExportRoad()
    try road.pack(target: road.folder.write(GGUFBuilder.tiny(layers: 6).bytes, to: "tiny.gguf"))
    let whole = try #require(try road.export().first)
    let plan = try road.plan(splitByteCount: SplitTests.limit)
    let paths = try road.write(plan)
    let count = plan.files.count
    #expect(count > 2)
    #expect(paths[0] == road.folder.path("out-00001-of-0000\(count).gguf") && paths[count - 1].hasSuffix("-0000\(count)-of-0000\(count).gguf"))
    var tensors: [GGUFBuilder.Tensor] = []
    for (number, path) in paths.enumerated() {
      let part = try GGUFBuilder(path: path)
      let byteCount = try InputFile(path: path).byteCount
      #expect(byteCount <= SplitTests.limit && byteCount == plan.files[number].byteCount)
      #expect(part["split.no"]?.type == 2 && part["split.no"]?.bytes == littleEndian(UInt16(number)))
      #expect(part["split.count"]?.bytes == littleEndian(UInt16(count)))
      #expect(part["split.tensors.count"]?.type == 5 && part["split.tensors.count"]?.bytes == littleEndian(Int32(whole.tensors.count)))
      #expect(part.pairs.count == (number == 0 ? whole.pairs.count + 3 : 3))
      tensors += part.tensors
    }
    #expect(tensors.map(\.name) == whole.tensors.map(\.name) && tensors.map(\.bytes) == whole.tensors.map(\.bytes))
    #expect(try Checkpoint.open(path: paths[0]).source.tensors.count == whole.tensors.count)
  }

  @Test func whatFitsStaysOneFile() throws {
    let road = try ExportRoad()
    try road.pack(target: road.folder.write(GGUFBuilder.tiny().bytes, to: "tiny.gguf"))
    #expect(try road.plan(splitByteCount: 1 << 30).files.map(\.name) == [""])
  }

  @Test func tooManyPartsAreRefused() throws {
    let road = try ExportRoad()
    try road.pack(target: road.folder.write(GGUFBuilder.tiny(layers: 120).bytes, to: "tiny.gguf"))
    let error = #expect(throws: GriffinError.self) { try road.plan(splitByteCount: 1) }
    #expect(error?.kind == .usage && error?.message.contains("makes 1083 files") == true)
  }
}
