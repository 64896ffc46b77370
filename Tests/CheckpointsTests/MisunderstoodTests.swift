import ByteStorage
import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing

/// Folders and files that are nearly a checkpoint: what they are is said, and what to do.
struct MisunderstoodTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func weights(_ names: String...) -> [UInt8] {
    var file = SafetensorsBuilder()
    for name in names { file.entries.append(.init(name, "F32", "[1]", bytes: [0, 0, 0, 0])) }
    return file.bytes
  }

  private func write(_ files: (String, [UInt8])...) throws {
    for (name, bytes) in files {
      if let slash = name.lastIndex(of: "/") {
        try FileManager.default.createDirectory(atPath: folder.path(String(name[..<slash])), withIntermediateDirectories: true)
      }
      try folder.write(bytes, to: name)
    }
  }

  private func refusal(_ name: String? = nil, options: SourceOptions = SourceOptions()) throws -> GriffinError {
    let path = name.map { folder.path($0) } ?? folder.path
    return try #require(#expect(throws: GriffinError.self) { try Checkpoint.open(path: path, options: options) })
  }

  private func index(_ shards: String...) -> [UInt8] {
    let map = shards.enumerated().map { #""t\#($0)":"\#($1)""# }.joined(separator: ",")
    return Array(#"{"weight_map":{\#(map)}}"#.utf8)
  }

  @Test func aSingleFileBesideShardsIsSaid() throws {
    let shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    try write(
      ("config.json", Array("{}".utf8)), (shards[0], weights("t0")), (shards[1], weights("t1")),
      ("model.safetensors.index.json", index(shards[0], shards[1])), ("model.safetensors", weights("other")))
    let checkpoint = try Checkpoint.open(path: folder.path)
    #expect(checkpoint.source.tensors.map(\.name) == ["t0", "t1"])
    #expect(checkpoint.warnings.count == 1 && checkpoint.warnings[0].hasPrefix(folder.path("model.safetensors") + ": not read"))
    // The one file is read where it is named.
    #expect(try Checkpoint.open(path: folder.path("model.safetensors")).source.tensors.map(\.name) == ["other"])
  }

  @Test func anIndexOfOneFileIsNoContradiction() throws {
    try write(
      ("config.json", Array("{}".utf8)), ("model.safetensors", weights("t0")),
      ("model.safetensors.index.json", index("model.safetensors")))
    #expect(try Checkpoint.open(path: folder.path).warnings.isEmpty)
  }

  @Test func anIndexOfAnotherSaveIsNoIncompleteDownload() throws {
    try write(
      ("config.json", Array("{}".utf8)), ("model-00001-of-00003.safetensors", weights("t0")),
      ("model.safetensors.index.json", index("model-00001-of-00030.safetensors")))
    let error = try refusal()
    #expect(error.kind == .missing && error.message.contains("shards of 3, such as model-00001-of-00003.safetensors, of another save"))
    #expect(error.hints.allSatisfy { !$0.contains("incomplete") })
    try write(("model-00002-of-00030.safetensors", weights("t1")))
    #expect(try refusal().hints == ["the download may be incomplete; fetch the missing file"])
  }

  @Test func anAdapterIsNoModel() throws {
    let config = #"{"peft_type":"LORA","base_model_name_or_path":"meta-llama/Llama-2-7b-hf","r":8}"#
    try write(("adapter_config.json", Array(config.utf8)), ("adapter_model.safetensors", weights("base_model.model.x.lora_A.weight")))
    for name in [nil, "adapter_model.safetensors"] {
      let error = try refusal(name)
      #expect(error.kind == .unsupported)
      #expect(error.message == "the folder holds an adapter (LORA) of the base model meta-llama/Llama-2-7b-hf, not a model")
      #expect(error.hints.first?.contains("merge it into its base model") == true)
    }
    // Its configuration alone says it too, however it reads.
    try write(("adapter_config.json", Array("[]".utf8)))
    #expect(try refusal().message == "the folder holds an adapter (LORA), not a model")
  }

  @Test(arguments: [
    "Entry not found", "{\"error\":\"Repository not found\"}", "{ \"error\" : \"Invalid credentials\" }",
    "Access to model meta-llama/Llama-2-7b-hf is restricted. You must be authenticated to access it.\n",
    "Invalid username or password.",
  ], ["model.safetensors", "pytorch_model.bin", "config.json", "model.gguf", "model.safetensors.index.json"])
  func textsOfAHubAreNamed(text: String, name: String) throws {
    try write(("config.json", Array("{}".utf8)), ("model.safetensors", weights("a")))
    if name == "pytorch_model.bin" { try FileManager.default.removeItem(atPath: folder.path("model.safetensors")) }
    try write((name, Array(text.utf8)))
    let error = try refusal(name == "model.gguf" ? name : nil)
    #expect(error.kind == .malformed && error.file == folder.path(name))
    #expect(error.message.contains("an error text of a hub"), "\(error)")
    #expect(error.hints.count == 1)
  }

  @Test func anErrorOfAModelIsNotAHubs() throws {
    // A key of that name says nothing by itself.
    try write(
      ("config.json", Array(#"{"error":0.1,"hidden_size":16,"model_type":"llama"}"#.utf8)), ("model.safetensors", weights("a")))
    _ = try Checkpoint.open(path: folder.path)
  }

  @Test func aRepositorysFolderPointsToItsSnapshot() throws {
    let commit = String(repeating: "1a", count: 20)
    let cache = try HubCacheFolder(folder.path("hub"))
    try cache.add(
      "owner/model", commit: commit, references: ["main"],
      files: [("config.json", Array("{}".utf8)), ("model.safetensors", weights("a"))])
    for suffix in ["", "/"] {
      let error = try refusal("hub/models--owner--model" + suffix)
      #expect(error.kind == .missing && error.message.contains("a repository's folder in the hub's cache"))
      #expect(error.hints.count == 1 && error.hints[0].hasSuffix("models--owner--model/snapshots/\(commit)"))
    }
    let snapshot = try #require(try refusal("hub/models--owner--model").hints.first?.split(separator: ": ").last)
    _ = try Checkpoint.open(path: String(snapshot))
  }

  @Test func shardsAreNotOpenedForAConfigurationThatIsRefused() throws {
    let shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    try write(
      ("config.json", Array(#"{"model_type":"mamba"}"#.utf8)), (shards[0], Array("no weights".utf8)), (shards[1], Array("none".utf8)),
      ("model.safetensors.index.json", index(shards[0], shards[1])))
    var options = SourceOptions()
    options.checkBeforeShards = { (config, file, names) throws(GriffinError) in
      guard config["model_type"]?.string == "mamba", names.sorted() == ["t0", "t1"] else { return }
      throw GriffinError(.unsupported, file: file, "refused early")
    }
    #expect(try refusal(options: options).message == "refused early")
    // Without the question the shards are what is wrong.
    #expect(try refusal().file == folder.path(shards[0]))
  }
}
