import Bundles
import ByteStorage
import Checkpoints
import Exports
import Models
import Tensors
import TestSupport
import Testing

/// GGUF in, GGUF out.
@Suite struct RoundTripTests {
  static let files = ["llama31-tiny", "mixtral-tiny", "qwen2-tiny"]

  /// All that an export of an imported file says otherwise: names of its own, and what the file left out.
  private static func differences(_ mine: GGUFBuilder, _ other: GGUFBuilder) -> Set<String> {
    let keys = Set(mine.pairs.map(\.key)).union(other.pairs.map(\.key))
    return keys.filter { mine[$0]?.bytes != other[$0]?.bytes || mine[$0]?.type != other[$0]?.type }
  }

  @Test(arguments: files) func goldenFilesComeBack(name: String) throws {
    let path = try Fixtures.golden(name) + "/\(name).gguf"
    let road = try ExportRoad()
    try road.pack(target: path)
    let mine = try #require(try road.export().first)
    let other = try GGUFBuilder(path: path)
    #expect(mine.tensors.count == other.tensors.count)
    for tensor in other.tensors { #expect(mine.tensor(tensor.name)?.bytes == tensor.bytes, "\(tensor.name)") }
    let architecture = try #require(other.text("general.architecture"))
    let derived = ["attention.key_length", "attention.value_length", "rope.dimension_count", "vocab_size"]
    let found = RoundTripTests.differences(mine, other)
    #expect(
      found.isSubset(
        of: ["general.name", "general.size_label", "tokenizer.ggml.add_sep_token"] + derived.map { "\(architecture).\($0)" }), "\(found)")
  }

  /// Blocks of every type, rows of queries and keys among them, come back bit for bit.
  @Test(arguments: [ElementType.q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .iq4_nl, .mxfp4, .f16, .bf16, .f32])
  func blocksComeBack(type: ElementType) throws {
    var file = GGUFBuilder.tiny()
    var numbers = SeededNumbers(seed: 3)
    for index in file.tensors.indices where file.tensors[index].dimensions.count == 2 {
      let count = Int(file.tensors[index].dimensions.reduce(1, *)) / type.elementsPerBlock
      file.tensors[index].type = try #require(type.ggmlIdentifier)
      file.tensors[index].bytes = numbers.bytes(count * type.bytesPerBlock)
    }
    let road = try ExportRoad()
    try road.pack(target: road.folder.write(file.bytes, to: "tiny.gguf"))
    let mine = try #require(try road.export().first)
    #expect(mine.tensors.count == file.tensors.count)
    for tensor in file.tensors {
      let found = try #require(mine.tensor(tensor.name))
      #expect(found.type == tensor.type && found.dimensions == tensor.dimensions && found.bytes == tensor.bytes, "\(tensor.name)")
    }
  }

  /// Out of a released folder and in again: every payload has its digest, but vectors and routers, which are float32 by then.
  @Test(arguments: ["vicuna-tiny", "llama31-tiny", "qwen2-tiny", "mixtral-tiny"]) func payloadsComeBack(pair: String) throws {
    let road = try ExportRoad()
    try road.pack(target: try Fixtures.golden(pair) + "/target")
    let before = try road.bundle().manifest
    let path = try #require(try road.write(road.plan()).first)
    try road.pack(target: path)
    let after = try road.bundle().manifest
    #expect(after.tensors.map(\.descriptor.name) == before.tensors.map(\.descriptor.name))
    var identical = 0
    for (left, right) in zip(before.tensors, after.tensors) where left.descriptor.type == right.descriptor.type {
      #expect(before.payloads[left.payload].digest == after.payloads[right.payload].digest, "\(left.descriptor.name)")
      identical += 1
    }
    #expect(identical >= 4 * 7 + 2)
  }

  /// An EAGLE-3 draft out as `eagle3` and in again: every payload has its digest but norms, ids of the target are offsets again.
  @Test func eagle3DraftsComeBack() throws {
    let road = try ExportRoad()
    let folder = try Fixtures.golden("llama3-eagle3")
    try road.pack(target: folder + "/target", draft: folder + "/draft")
    let before = try road.bundle()
    let paths = try road.write(road.plan())
    try road.pack(target: paths[0], draft: paths[1])
    let after = try road.bundle()
    func digests(_ bundle: ModelBundle) -> [String: SHA256Digest] {
      let manifest = bundle.manifest
      let own = manifest.tensors.filter { $0.descriptor.name.hasPrefix("draft/") && $0.descriptor.shape.dimensions.count > 1 || $0.descriptor.name == "draft/d2t" }
      return Dictionary(uniqueKeysWithValues: own.map { ($0.descriptor.name, manifest.payloads[$0.payload].digest) })
    }
    #expect(digests(before) == digests(after) && digests(after).count >= 9 && digests(after)["draft/d2t"] != nil)
    let (mine, other) = (try before.draftModel()?.configuration.eagle3, try after.draftModel()?.configuration.eagle3)
    let layers = try #require(try before.targetModel()?.configuration.layerCount)
    #expect(try mine?.tappedLayers(ofTarget: layers) == other?.tappedLayers(ofTarget: layers))
    #expect(mine?.draftVocabularySize == other?.draftVocabularySize && mine?.normalisesResidual == other?.normalisesResidual)
  }

  /// What is read back stands aside until it is found good.
  @Test func aRefusedExportLeavesWhatWasThere() throws {
    let road = try ExportRoad()
    let folder = try Fixtures.golden("llama3-eagle3")
    try road.pack(target: folder + "/target", draft: folder + "/draft")
    let plan = try road.plan(splitByteCount: 1 << 20)
    let first = try #require(plan.files.first.map { plan.path(of: $0, output: road.folder.path("out.gguf")) })
    try road.folder.write([1, 2, 3], to: FileSystem.split(first).name)
    let before = try FileSystem.names(inFolder: road.folder.path)
    let refusal = GriffinError(.inconsistent, "not what it was")
    let error = #expect(throws: GriffinError.self) {
      try plan.write(
        to: road.folder.path("out.gguf"), force: true, threads: 1, cancellation: Cancellation(),
        check: { (path) throws(GriffinError) in
          // Every part is there under its final name, so that the first leads to the others.
          #expect(plan.files.allSatisfy { FileSystem.kind(of: plan.path(of: $0, output: path)) == .file })
          throw refusal
        })
    }
    #expect(error?.message == refusal.message)
    #expect(try FileSystem.names(inFolder: road.folder.path) == before)
    #expect(try road.folder.read(FileSystem.split(first).name) == [1, 2, 3])
  }

  @Test func theSameBytesForAnyNumberOfThreads() throws {
    let road = try ExportRoad()
    try road.pack(target: try Fixtures.golden("mixtral-tiny") + "/target")
    let plan = try road.plan()
    let files = try [1, 2, 5].map { threads in
      try road.write(plan, threads: threads)
      return try road.folder.read("out.gguf")
    }
    #expect(Set(files).count == 1)
    #expect(files[0].count == plan.byteCount)
  }

  /// A head that is the embedding has no tensor of its own.
  @Test func tiedHeadsAreNotWritten() throws {
    var file = GGUFBuilder.tiny()
    file.tensors.remove(at: file.index(of: "output.weight"))
    let road = try ExportRoad()
    try road.pack(target: road.folder.write(file.bytes, to: "tiny.gguf"))
    let mine = try #require(try road.export().first)
    #expect(Set(mine.tensors.map(\.name)) == Set(file.tensors.map(\.name)))
  }
}
