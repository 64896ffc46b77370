import ByteStorage
import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing

/// Archives of a model folder, and those that would do harm.
struct ArchiveTests {
  private static let config = Array("{}".utf8)
  /// A safetensors file with one float.
  private static let weights: [UInt8] = {
    let header = Array(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#.utf8)
    return littleEndian(UInt64(header.count)) + header + [0, 0, 0, 0]
  }()

  private static func model(_ folder: String = "") -> [TarBuilder.Entry] {
    [TarBuilder.Entry(folder + "config.json", config), TarBuilder.Entry(folder + "model.safetensors", weights)]
  }

  /// Opens an archive with `scratch` as the place to unpack in, and expects that nothing is left there.
  private func open(
    _ bytes: [UInt8], _ name: String = "model.tar", in folder: TemporaryFolder, cancelled: Bool = false
  ) throws -> Checkpoint {
    try FileManager.default.createDirectory(atPath: folder.path("scratch"), withIntermediateDirectories: true)
    let cancellation = Cancellation()
    if cancelled { cancellation.cancel() }
    let path = try folder.write(bytes, to: name)
    defer {
      #expect(folder.names.sorted() == [name, "scratch"].sorted())
      #expect((try? FileManager.default.contentsOfDirectory(atPath: folder.path("scratch"))) == [])
    }
    return try Checkpoint.open(
      path: path, options: SourceOptions(scratchFolder: folder.path("scratch"), cancellation: cancellation))
  }

  private func refusal(_ bytes: [UInt8], _ name: String = "model.tar") throws -> GriffinError {
    let folder = try TemporaryFolder()
    let error = try #require(#expect(throws: GriffinError.self) { try open(bytes, name, in: folder) })
    #expect(error.file == folder.path(name), "\(error)")
    #expect(!"\(error) \(error.hints)".contains("unpacked"), "\(error)")
    return error
  }

  @Test(arguments: ["", "./", "model/", "./model/"]) func filesAtTheTopOrInOneFolder(prefix: String) throws {
    let folder = try TemporaryFolder()
    var entries = ArchiveTests.model(prefix)
    entries.insert(TarBuilder.Entry(prefix.isEmpty ? "./" : prefix, type: "5"), at: 0)
    entries += [TarBuilder.Entry(prefix + "onnx/model.bin", [1, 2, 3]), TarBuilder.Entry("__MACOSX/._config.json", [1])]
    let checkpoint = try open(TarBuilder(entries).bytes, in: folder)
    #expect(checkpoint.source.tensors.map(\.name) == ["a"])
    #expect(checkpoint.weightFiles.map(\.name) == ["model.safetensors"] && checkpoint.attachments.map(\.name) == ["config.json"])
    #expect(checkpoint.path == folder.path("model.tar"))
    // The files are gone by name, and readable all the same.
    let file = checkpoint.weightFiles[0].file
    let bytes = file.bytes.copied
    #expect(bytes == ArchiveTests.weights)
    try checkpoint.checkUnchanged()
  }

  @Test func zipArchives() throws {
    let folder = try TemporaryFolder()
    var zip = ZipBuilder()
    zip.add("model/config.json", ArchiveTests.config)
    zip.add("model/model.safetensors", ArchiveTests.weights)
    #expect(try open(zip.bytes, "model.zip", in: folder).source.tensors.map(\.name) == ["a"])
  }

  @Test(arguments: [
    "/tmp/evil", "../evil", "model/../../evil", "..", "model/..", "a\\..\\evil", "C:/evil", "evil\u{1B}[2J", "new\nline",
    "deep/er/../../../evil",
  ])
  func namesThatLeadElsewhere(name: String) throws {
    let entries = ArchiveTests.model() + [TarBuilder.Entry(name, [1])]
    #expect(try refusal(TarBuilder(entries).bytes).kind == .unsafe)
    var zip = ZipBuilder()
    for entry in entries { zip.add(entry.name, entry.bytes) }
    #expect(try refusal(zip.bytes, "model.zip").kind == .unsafe)
  }

  @Test(arguments: [
    ("2", "/etc/passwd"), ("2", "../../evil"), ("2", "config.json"), ("1", "config.json"), ("1", "/etc/passwd"), ("3", ""),
    ("4", ""), ("6", ""),
  ])
  func linksAndDevices(type: String, link: String) throws {
    for name in ["tokenizer.json", "deep/er/tokenizer.json"] {
      let entries = ArchiveTests.model() + [TarBuilder.Entry(name, type: Character(type), link: link)]
      let error = try refusal(TarBuilder(entries).bytes)
      #expect(error.kind == .unsafe && error.message.contains(name), "\(error)")
    }
  }

  @Test(arguments: ["config.json", "./config.json", "config.json/x", "./model.safetensors"])
  func namesThatComeTwice(name: String) throws {
    let error = try refusal(TarBuilder(ArchiveTests.model() + [TarBuilder.Entry(name, [1])]).bytes)
    #expect(error.kind == .unsafe && error.message.contains("two entries"), "\(error)")
    var zip = ZipBuilder()
    for entry in ArchiveTests.model() + [TarBuilder.Entry(name, [1])] { zip.add(entry.name, entry.bytes) }
    #expect(try refusal(zip.bytes, "model.zip").kind == .unsafe)
  }

  @Test func bombs() throws {
    // What is stated is refused before it is read, and what is read is counted: the header's size is wrong in the first.
    let stated = ArchiveTests.model() + [TarBuilder.Entry("pytorch_model.bin", [], statedByteCount: 7 << 30)]
    #expect(try refusal(TarBuilder(stated).bytes).message.contains("unpacks to more than"))
    let many = (0...10_000).map { TarBuilder.Entry("a/b/file\($0)") }
    #expect(try refusal(TarBuilder(many).bytes).message.contains("10000 entries"))
    let files = (0...2000).map { TarBuilder.Entry("file\($0)") }
    #expect(try refusal(TarBuilder(files).bytes).message.contains("2000 files"))
  }

  @Test func archivesThatAreCutOff() throws {
    let whole = TarBuilder(ArchiveTests.model()).bytes
    // Within a header, within data, between two entries, and before the end mark.
    for count in [100, 520, 1024, 1400, 1540, 2048] {
      #expect(try refusal(Array(whole.prefix(count))).kind == .malformed, "\(count) bytes")
    }
    var zip = ZipBuilder()
    for entry in ArchiveTests.model() { zip.add(entry.name, entry.bytes) }
    for count in [10, zip.bytes.count / 2, zip.bytes.count - 30] {
      #expect(try refusal(Array(zip.bytes.prefix(count)), "model.zip").kind == .malformed, "\(count) bytes")
    }
    #expect(try refusal([], "model.tar.gz").kind == .malformed)
    #expect(try refusal(Array("no archive at all".utf8), "model.tar.zst").kind == .malformed)
  }

  @Test func archivesWithoutAModelOrWithTwo() throws {
    #expect(try refusal(TarBuilder([TarBuilder.Entry("readme.md", [1])]).bytes).kind == .missing)
    let two = try refusal(TarBuilder(ArchiveTests.model("target/") + ArchiveTests.model("draft/")).bytes)
    #expect(two.kind == .inconsistent && two.message.contains("draft/, target/"))
  }

  @Test func whatIsWrongInsideIsNamedByTheArchive() throws {
    let folder = try TemporaryFolder()
    let entries = [TarBuilder.Entry("m/config.json", ArchiveTests.config), TarBuilder.Entry("m/model.safetensors", [1, 2])]
    let bytes = TarBuilder(entries).bytes
    let error = try #require(#expect(throws: GriffinError.self) { try open(bytes, in: folder) })
    #expect(error.file == folder.path("model.tar") + "/m/model.safetensors")
  }

  @Test func anInterruptionLeavesNothing() throws {
    let folder = try TemporaryFolder()
    let bytes = TarBuilder(ArchiveTests.model()).bytes
    let error = #expect(throws: GriffinError.self) { try open(bytes, in: folder, cancelled: true) }
    #expect(error?.kind == .interrupted)
  }
}
