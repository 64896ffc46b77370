import ByteStorage
import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing

/// Repositories of the local Hugging Face cache, by name.
struct HubTests {
  private static let (first, second) = (String(repeating: "1a", count: 20), String(repeating: "2b", count: 20))

  /// A safetensors file with one float.
  private static func weights(_ name: String) -> [UInt8] {
    let header = Array(#"{"\#(name)":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#.utf8)
    return littleEndian(UInt64(header.count)) + header + [0, 0, 0, 0]
  }

  /// Two commits of `owner/model`: `main` and the branch of a pull request are at the second, a tag is at the first.
  private static func cache(_ folder: TemporaryFolder) throws -> SourceOptions {
    let cache = try HubCacheFolder(folder.path("hub"))
    for (commit, references, name) in [(first, ["v1.0"], "old"), (second, ["main", "refs/pr/1"], "new")] {
      try cache.add(
        "owner/model", commit: commit, references: references,
        files: [("config.json", Array("{}".utf8)), ("model.safetensors", weights(name))])
    }
    return SourceOptions(huggingFaceCache: cache.path)
  }

  @Test(arguments: [
    ("owner/model", "new"), ("owner/model@main", "new"), ("owner/model@v1.0", "old"), ("owner/model@refs/pr/1", "new"),
    ("owner/model@\(first)", "old"), ("owner/model@\(second)", "new"),
  ])
  func revisionsAreFound(name: String, tensor: String) throws {
    let folder = try TemporaryFolder()
    let checkpoint = try Checkpoint.open(path: name, options: HubTests.cache(folder))
    #expect(checkpoint.source.tensors.map(\.name) == [tensor])
    #expect(checkpoint.path == name)
    #expect(checkpoint.weightFiles.map(\.name) == ["model.safetensors"])
    #expect(checkpoint.attachments.map(\.name) == ["config.json"])
    // Links into the cache's own blobs are no links elsewhere.
    #expect(checkpoint.warnings.isEmpty)
  }

  private func error(_ name: String, _ options: SourceOptions) throws -> GriffinError {
    try #require(#expect(throws: GriffinError.self) { try Checkpoint.open(path: name, options: options) })
  }

  @Test func aRepositoryThatIsNotThereSaysHowToFetchIt() throws {
    let folder = try TemporaryFolder()
    let options = try HubTests.cache(folder)
    let absent = try error("owner/other", options)
    #expect(absent.kind == .missing && absent.hints == ["to fetch it: hf download owner/other"])
    #expect(absent.message.contains(folder.path("hub")))
    let revision = try error("owner/other@v2", options)
    #expect(revision.hints == ["to fetch it: hf download owner/other --revision v2"])
    // No cache at all is one that holds nothing.
    #expect(try error("owner/model", SourceOptions(huggingFaceCache: folder.path("nowhere"))).kind == .missing)
    #expect(try error("owner/model", SourceOptions()).kind == .missing)
  }

  @Test(arguments: ["v2", "1a1a1a1", "models/x"]) func aRevisionThatIsNotThereNamesThoseThatAre(revision: String) throws {
    let folder = try TemporaryFolder()
    let absent = try error("owner/model@\(revision)", HubTests.cache(folder))
    #expect(absent.kind == .missing)
    for word in [revision, "main", "refs/pr/1", "v1.0"] { #expect(absent.message.contains(word), "\(absent.message)") }
    #expect(absent.hints.first == "to fetch it: hf download owner/model --revision \(revision)")
  }

  @Test func aCommitWithoutABranchIsNamed() throws {
    let folder = try TemporaryFolder()
    let cache = try HubCacheFolder(folder.path("hub"))
    try cache.add("owner/model", commit: HubTests.first, files: [("config.json", Array("{}".utf8))])
    let absent = try error("owner/model", SourceOptions(huggingFaceCache: cache.path))
    #expect(absent.kind == .missing && absent.hints.contains { $0.hasSuffix("owner/model@\(HubTests.first)") })
  }

  @Test func aSnapshotThatIsNotWholeSaysHowToCompleteIt() throws {
    let folder = try TemporaryFolder()
    let options = try HubTests.cache(folder)
    let base = folder.path("hub/models--owner--model")
    // Links whose blobs are gone, then no snapshot at all.
    try FileManager.default.removeItem(atPath: base + "/blobs")
    let linked = try error("owner/model", options)
    #expect(linked.kind == .missing && linked.hints.last == "to fetch what is missing: hf download owner/model")
    try FileManager.default.removeItem(atPath: base + "/snapshots/\(HubTests.second)")
    #expect(try error("owner/model", options).message.contains("v1.0"))
  }

  @Test(arguments: ["../../outside", "", "a b", "x\u{1B}[2J", String(repeating: "f", count: 300)])
  func damagedReferencesAreRefused(text: String) throws {
    let folder = try TemporaryFolder()
    let options = try HubTests.cache(folder)
    try folder.write(Array(text.utf8), to: "hub/models--owner--model/refs/main")
    #expect(try error("owner/model", options).kind == .malformed)
  }

  @Test(arguments: [
    "owner/model@../../x", "owner/model@", "owner/model@a\\b", "owner/../model", "owner/model/more", "owner//model", "/owner/model",
    "own--er/model", "-owner/model", "model", "owner/mod el", "owner/model@a//b", "owner/.hidden",
  ])
  func whatIsNoNameIsNotLookedUp(text: String) throws {
    let folder = try TemporaryFolder()
    let refused = try error(text, HubTests.cache(folder))
    #expect(refused.kind == .missing && !refused.hints.contains { $0.contains("hf download") })
  }
}
