import ByteStorage
import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing

/// Which file of a folder is read, and what sharded checkpoints may not do.
struct FolderTests {
  /// A safetensors file with one float per name.
  private static func shard(_ names: String...) -> [UInt8] {
    let tensors = names.enumerated().map { #""\#($1)":{"dtype":"F32","shape":[1],"data_offsets":[\#($0 * 4),\#($0 * 4 + 4)]}"# }
    let header = Array("{\(tensors.joined(separator: ","))}".utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> ($0 * 8)) }
    return length + header + [UInt8](repeating: 0, count: names.count * 4)
  }

  private static func index(_ map: String) -> [UInt8] { Array(#"{"metadata":{},"weight_map":\#(map)}"#.utf8) }

  private static func folder(_ files: [(name: String, bytes: [UInt8])]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(Array("{}".utf8), to: "config.json")
    for file in files { try folder.write(file.bytes, to: file.name) }
    return folder
  }

  private static let first = "model-00001-of-00002.safetensors"
  private static let second = "model-00002-of-00002.safetensors"
  private static let indexName = "model.safetensors.index.json"

  private static func names(_ checkpoint: Checkpoint) -> [String] { checkpoint.source.tensors.map(\.name).sorted() }

  @Test func shardsAreOneSource() throws {
    let map = #"{"a":"\#(FolderTests.first)","b":"\#(FolderTests.second)"}"#
    let folder = try FolderTests.folder([
      (FolderTests.first, FolderTests.shard("a")), (FolderTests.second, FolderTests.shard("b")),
      (FolderTests.indexName, FolderTests.index(map)),
    ])
    let checkpoint = try Checkpoint.open(path: folder.path)
    #expect(FolderTests.names(checkpoint) == ["a", "b"])
    #expect(checkpoint.weightFiles.map(\.name) == [FolderTests.first, FolderTests.second])
  }

  @Test func safetensorsWinOverPickles() throws {
    let folder = try FolderTests.folder([
      ("model.safetensors", FolderTests.shard("safe")), ("pytorch_model.bin", ZipBuilder.fourFloats.bytes),
    ])
    #expect(FolderTests.names(try Checkpoint.open(path: folder.path)) == ["safe"])
  }

  @Test func aStaleIndexIsPassedOver() throws {
    let folder = try FolderTests.folder([
      ("model.safetensors", FolderTests.shard("whole")), (FolderTests.indexName, FolderTests.index(#"{"a":"gone.safetensors"}"#)),
    ])
    let checkpoint = try Checkpoint.open(path: folder.path)
    #expect(FolderTests.names(checkpoint) == ["whole"])
    #expect(checkpoint.warnings.contains { $0.contains(FolderTests.indexName) })
  }

  @Test func aCacheSnapshotOfLinksIsAFolder() throws {
    let folder = try TemporaryFolder()
    let manager = FileManager.default
    for name in ["blobs", "snapshots", "snapshots/abc"] {
      try manager.createDirectory(atPath: folder.path(name), withIntermediateDirectories: true)
    }
    try folder.write(FolderTests.shard("a"), to: "blobs/1")
    try folder.write(Array("{}".utf8), to: "blobs/2")
    try manager.createSymbolicLink(atPath: folder.path("snapshots/abc/model.safetensors"), withDestinationPath: "../../blobs/1")
    try manager.createSymbolicLink(atPath: folder.path("snapshots/abc/config.json"), withDestinationPath: "../../blobs/2")
    let checkpoint = try Checkpoint.open(path: folder.path("snapshots/abc"))
    #expect(FolderTests.names(checkpoint) == ["a"])
    #expect(checkpoint.weightFiles.map(\.name) == ["model.safetensors"])
  }

  /// A weight map that breaks a rule, and the kind of error.
  @Test(arguments: [
    (#"{"a":"../model-00001-of-00002.safetensors"}"#, GriffinError.Kind.unsafe),
    (#"{"a":"/etc/passwd"}"#, .unsafe),
    (#"{"a":"gone.safetensors"}"#, .missing),
    (#"{"a":"model-00001-of-00002.safetensors","x":"model-00001-of-00002.safetensors"}"#, .inconsistent),
    (#"{"a":"model-00001-of-00002.safetensors","a":"model-00002-of-00002.safetensors"}"#, .malformed),
    (#"{"a":1}"#, .malformed), (#"[]"#, .malformed), (#"{}"#, .malformed),
  ])
  func wrongWeightMapsAreRefused(map: String, kind: GriffinError.Kind) throws {
    let folder = try FolderTests.folder([
      (FolderTests.first, FolderTests.shard("a")), (FolderTests.second, FolderTests.shard("b")),
      (FolderTests.indexName, FolderTests.index(map)),
    ])
    let error = #expect(throws: GriffinError.self) { try Checkpoint.open(path: folder.path) }
    #expect(error?.kind == kind, "\(String(describing: error))")
  }

  @Test func foldersWithoutWeightsOrConfigurationSaySo() throws {
    let bare = try FolderTests.folder([])
    #expect(#expect(throws: GriffinError.self) { try Checkpoint.open(path: bare.path) }?.kind == .missing)
    let unconfigured = try TemporaryFolder()
    try unconfigured.write(FolderTests.shard("a"), to: "model.safetensors")
    #expect(#expect(throws: GriffinError.self) { try Checkpoint.open(path: unconfigured.path) }?.kind == .missing)
  }
}
