import ByteStorage
import Foundation
import TestSupport

/// Shards against their index, and files that are no files.
extension FolderCorpus {
  private static let norm = "model.norm.weight"

  static let shards: [HostileCase] = [
    refuse("missing-second", "the missing shard is the error (exit 66)", .missing, ShardedTarget.second) {
      $0.secondName = "other.safetensors"
    },
    refuse("missing-by-case", "the missing shard is the error (exit 66)", .missing, ShardedTarget.second) {
      $0.secondName = ShardedTarget.second.uppercased()
    },
    refuse("both-missing", "the missing shard is the error (exit 66)", .missing, ShardedTarget.first) { $0.shards = [:] },
    refuse("tensor-not-listed", agree, .inconsistent, ShardedTarget.second, "extra.weight") {
      $0.two.entries.append(.init("extra.weight", "F32", "[1]", bytes: [0, 0, 0, 0]))
    },
    refuse("tensor-of-another-case", agree, .inconsistent, ShardedTarget.second, "Model.Norm.Weight") {
      $0.two["model.norm.weight"].name = "Model.Norm.Weight"
    },
    refuse("tensor-listed-but-nowhere", agree, .inconsistent, "extra.weight") {
      $0.map.append(("extra.weight", ShardedTarget.first))
    },
    refuse("tensor-in-both", agree, .inconsistent, ShardedTarget.second, "model.embed_tokens.weight") {
      $0.two.entries.append($0.one["model.embed_tokens.weight"])
    },
    refuse("tensor-in-the-other", agree, .inconsistent, "model.embed_tokens.weight", ShardedTarget.second) {
      $0.assign("model.embed_tokens.weight", to: ShardedTarget.second)
    },
    refuse("swapped", agree, .inconsistent, ShardedTarget.first) { target in
      (target.one, target.two) = (target.two, target.one)
    },
    refuse("from-another-model", agree, .inconsistent, ShardedTarget.second) { target in
      for index in target.two.entries.indices { target.two.entries[index].name = "transformer.h.\(index).weight" }
    },
    HostileCase(
      "shards-second-cut-off", rule: Rule("safetensors.md", "the first not above the second, within the data"), kind: .malformed,
      mentions: [ShardedTarget.second, "truncated"]
    ) { folder in
      try folder.writeShards { target in
        target.two.header = Array(target.two.headerText.utf8)
        target.two.entries[target.two.entries.count - 1].bytes.removeLast(4)
      }
    },
    HostileCase(
      "shards-second-empty", rule: Rule(page, "an empty file"), kind: .malformed, mentions: [ShardedTarget.second, "empty file"]
    ) { folder in
      try folder.writeShards()
      try folder.write([], to: "target/\(ShardedTarget.second)")
    },
    HostileCase(
      "shards-second-a-git-lfs-pointer", rule: Rule(page, "A Git LFS pointer"), kind: .malformed,
      mentions: [ShardedTarget.second, "LFS"]
    ) { folder in
      try folder.writeShards()
      try folder.write("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", to: "target/\(ShardedTarget.second)")
    },
    HostileCase(
      "shards-one-file-under-two-names", rule: Rule(page, "two names of one file"), kind: .inconsistent,
      mentions: [ShardedTarget.index, "one and the same file"]
    ) { folder in
      try folder.writeShards()
      try folder.remove("target/\(ShardedTarget.second)")
      try folder.link("target/\(ShardedTarget.second)", to: ShardedTarget.first)
    },
    HostileCase(
      "shards-one-file-under-two-hard-links", rule: Rule(page, "two names of one file"), kind: .inconsistent,
      mentions: [ShardedTarget.index, "one and the same file"]
    ) { folder in
      try folder.writeShards()
      try folder.remove("target/\(ShardedTarget.second)")
      try FileManager.default.linkItem(
        atPath: folder.path("target/\(ShardedTarget.first)"), toPath: folder.path("target/\(ShardedTarget.second)"))
    },
    HostileCase(
      "shards-one-named-alone", rule: Rule(page, "A file of a set of shards is refused"), kind: .inconsistent,
      mentions: [ShardedTarget.second, "shard 2 of 2"],
      arguments: ["convert", "--target", "target/\(ShardedTarget.second)", "-o", "out.griffin"]
    ) { folder in try folder.writeShards() },
    HostileCase(
      "shards-without-an-index", rule: Rule(page, "The first of these that is there is read"), kind: .missing,
      mentions: ["target", "model.safetensors.index.json"]
    ) { folder in
      try folder.writeShards()
      try folder.remove("target/\(ShardedTarget.index)")
    },
  ]

  private static let plain = "a regular file"

  private static func special(
    _ name: String, _ kind: GriffinError.Kind, _ words: String = plain, _ mentions: String...,
    make: @escaping @Sendable (CorpusFolder) throws -> Void
  ) -> HostileCase {
    HostileCase("folder-\(name)", rule: Rule(page, words), kind: kind, mentions: mentions) { folder in
      try folder.writeTarget()
      try make(folder)
    }
  }

  /// Puts something else in the place of the weights.
  private static func replaced(
    _ name: String, _ kind: GriffinError.Kind, by make: @escaping @Sendable (CorpusFolder, String) throws -> Void
  ) -> HostileCase {
    special(name, kind, plain, "model.safetensors") { folder in
      try folder.remove("target/model.safetensors")
      try make(folder, "target/model.safetensors")
    }
  }

  static let files: [HostileCase] = [
    replaced("weights-a-folder", .unreadable) { folder, name in
      try FileManager.default.createDirectory(atPath: folder.path(name), withIntermediateDirectories: false)
    },
    replaced("weights-a-pipe", .unreadable) { folder, name in
      try folder.makePipe(name)
    },
    replaced("weights-linked-to-a-device", .unreadable) { folder, name in try folder.link(name, to: "/dev/zero") },
    replaced("weights-linked-to-themselves", .missing) { folder, name in try folder.link(name, to: "model.safetensors") },
    replaced("weights-linked-to-nothing", .missing) { folder, name in try folder.link(name, to: "../blobs/absent") },
    special("config-missing", .missing, "`config.json` MUST be there", "config.json") { try $0.remove("target/config.json") },
    special("config-a-folder", .unreadable, plain, "config.json") { folder in
      try folder.remove("target/config.json")
      try FileManager.default.createDirectory(atPath: folder.path("target/config.json"), withIntermediateDirectories: false)
    },
    special("config-a-pipe", .unreadable, plain, "config.json") { folder in
      try folder.remove("target/config.json")
      try folder.makePipe("target/config.json")
    },
    special("without-weights", .missing, "The first of these that is there is read", "target") {
      try $0.remove("target/model.safetensors")
    },
    HostileCase(
      "folder-empty", rule: Rule(page, "The first of these that is there is read"), kind: .missing,
      mentions: ["target", "found none"]
    ) { folder in try FileManager.default.createDirectory(atPath: folder.path("target"), withIntermediateDirectories: false) },
    HostileCase(
      "folder-not-there", rule: Rule(page, "What is taken for a checkpoint"), kind: .missing, mentions: ["target"]
    ) { _ in },
    HostileCase(
      "folder-a-device", rule: Rule(page, "What is taken for a checkpoint"), kind: .missing, mentions: ["/dev/zero", "a device"],
      arguments: ["convert", "--target", "/dev/zero", "-o", "out.griffin"]
    ) { _ in },
    HostileCase(
      "folder-a-pipe", rule: Rule(page, "What is taken for a checkpoint"), kind: .missing, mentions: ["target", "a pipe"]
    ) { folder in try folder.makePipe("target") },
    HostileCase(
      "folder-file-of-another-kind", rule: Rule(page, "is named as what it is"), kind: .unsupported, mentions: ["model.txt"],
      arguments: ["convert", "--target", "target/model.txt", "-o", "out.griffin"]
    ) { folder in
      try folder.writeTarget()
      try folder.write("weights", to: "target/model.txt")
    },
  ]

  static let accepted: [AcceptedCase] = [
    AcceptedCase("shards-baseline", rule: Rule(page, "An index is a JSON object")) { try $0.writeShards() },
    AcceptedCase(
      "shards-linked-from-blobs", rule: Rule(page, "symbolic links, as in the snapshots of a local cache, are followed")
    ) { folder in
      try folder.writeShards()
      let file = "target/\(ShardedTarget.second)"
      try folder.write(folder.read(file), to: "blobs/0123")
      try folder.remove(file)
      try folder.link(file, to: "../blobs/0123")
    },
    AcceptedCase("shards-wrong-total-size", rule: Rule(page, "a difference is a warning"), warnings: ["total_size is 17"]) {
      folder in
      try folder.writeShards { $0.totalSize = "17" }
    },
    AcceptedCase("shards-without-total-size", rule: Rule(page, "where it is")) { folder in
      try folder.writeShards { $0.totalSize = nil }
    },
    AcceptedCase(
      "shards-stale-index-beside-one-file", rule: Rule(page, "An index of which a shard is not there is passed over"),
      warnings: ["passed over"]
    ) { folder in
      try folder.writeShards { $0.shards = [:] }
      try folder.writeTarget()
    },
    AcceptedCase(
      "folder-attachment-linked-from-elsewhere", rule: Rule(page, "A link that leads out of the folder"),
      warnings: ["README.md: leads out of its folder, to /etc/hostname"]
    ) { folder in
      try folder.writeTarget()
      try folder.link("target/README.md", to: "/etc/hostname")
    },
    AcceptedCase("folder-attachment-linked-within", rule: Rule(page, "A link that leads out of the folder")) { folder in
      try folder.writeTarget()
      try folder.write("text", to: "target/texts/readme.txt")
      try folder.link("target/README.md", to: "texts/readme.txt")
    },
    AcceptedCase("folder-other-files-beside", rule: Rule(page, "The first of these that is there is read")) { folder in
      try folder.writeTarget()
      try folder.write("not read", to: "target/pytorch_model.bin")
      try folder.write("not read", to: "target/optimizer.pt")
    },
  ]
}
