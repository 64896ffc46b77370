import ByteStorage
import Foundation
import TestSupport

/// `formats/checkpoint-folders.md`: indexes, shards, and what lies in a folder.
enum FolderCorpus {
  static let hostile = index + paths + shards + files
  static let page = "checkpoint-folders.md"
  static let mapRule = "`weight_map` MUST map at least one tensor to a shard"
  static let agree = "Tensors and index MUST agree"

  static func refuse(
    _ name: String, _ words: String, _ kind: GriffinError.Kind = .malformed, _ mentions: String...,
    change: @escaping @Sendable (inout ShardedTarget) throws -> Void
  ) -> HostileCase {
    HostileCase("shards-\(name)", rule: Rule(page, words), kind: kind, mentions: mentions) { folder in
      try folder.writeShards(change)
    }
  }

  /// An index of another text.
  private static func text(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String, _ text: @escaping @Sendable () -> String
  ) -> HostileCase {
    refuse("index-\(name)", words, kind, ShardedTarget.index, mention) { $0.indexText = text() }
  }

  private static let object = "An index is a JSON object (at most 64 MiB, nesting 16"

  static let index: [HostileCase] = [
    text("empty", "an empty file", .malformed, "empty file") { "" },
    text("not-json", object, .malformed, "byte") { "weight_map" },
    text("a-list", object, .malformed, "index") { "[]" },
    text("a-git-lfs-pointer", "A Git LFS pointer", .malformed, "LFS") {
      "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    },
    text("a-web-page", "an HTML page", .malformed, "HTML") { "<!doctype html><title>Sign in</title>" },
    text("cut-off", object, .malformed, "byte") { #"{"weight_map":{"a":"model-00001"# },
    text("and-more", object, .malformed, "after") { #"{"weight_map":{"a":"b"}} {}"# },
    text("nested-too-deep", object, .unsafe, "nest") { #"{"x":\#(String(repeating: "[", count: 17))"# },
    text("nesting-bomb", object, .unsafe, "nest") { #"{"metadata":\#(String(repeating: #"{"a":"#, count: 200_000))"# },
    text("value-bomb", "1,048,576 values", .unsafe, "values") { #"{"x":[\#(String(repeating: "0,", count: 1 << 20))0]}"# },
    text("string-bomb", "a string 1 MiB", .unsafe, "string") { #"{"x":"\#(String(repeating: "a", count: (1 << 20) + 1))"}"# },
    text("larger-than-its-limit", object, .unsafe, "64") { String(repeating: " ", count: (64 << 20) + 1) },
    text("without-a-map", mapRule, .malformed, "weight_map") { #"{"metadata":{"total_size":0}}"# },
    text("map-empty", mapRule, .malformed, "weight_map") { #"{"weight_map":{}}"# },
    text("map-a-list", mapRule, .malformed, "weight_map") { #"{"weight_map":["model.norm.weight"]}"# },
    text("map-null", mapRule, .malformed, "weight_map") { #"{"weight_map":null}"# },
    text("map-of-numbers", mapRule, .malformed, "weight_map") { #"{"weight_map":{"model.norm.weight":1}}"# },
    text("map-of-lists", mapRule, .malformed, "weight_map") {
      #"{"weight_map":{"model.norm.weight":["model-00001-of-00002.safetensors"]}}"#
    },
    text("map-twice", "no key twice", .malformed, "weight_map") { #"{"weight_map":{"a":"b"},"weight_map":{"a":"c"}}"# },
    text("tensor-twice", "no key twice", .malformed, "duplicate key") { #"{"weight_map":{"a":"b","a":"c"}}"# },
    text("tensor-in-two-spellings", "no key twice", .malformed, "spelling") {
      #"{"weight_map":{"caf\u00e9":"b","cafe\u0301":"b"}}"#
    },
    text("of-1001-shards", "At most 1000 shards", .unsafe, "1001") {
      #"{"weight_map":{\#((0...1000).map { #""t\#($0)":"s\#($0).safetensors""# }.joined(separator: ","))}}"#
    },
    text("total-size-text", "`metadata.total_size`, where it is, is a whole number", .malformed, "total_size") {
      #"{"metadata":{"total_size":"1024"},"weight_map":{"a":"b"}}"#
    },
    text("total-size-negative", "`metadata.total_size`, where it is, is a whole number", .malformed, "total_size") {
      #"{"metadata":{"total_size":-1},"weight_map":{"a":"b"}}"#
    },
    text("metadata-a-list", "`metadata.total_size`, where it is, is a whole number", .malformed, "metadata") {
      #"{"metadata":[],"weight_map":{"a":"b"}}"#
    },
  ]

  private static func shard(_ name: String, shown: String? = nil, _ text: String) -> HostileCase {
    refuse("path-\(name)", "a plain file name in the same folder", .unsafe, ShardedTarget.index, shown ?? text) {
      $0.assign(to: text)
    }
  }

  static let paths: [HostileCase] = [
    shard("to-the-parent", "../\(ShardedTarget.first)"), shard("absolute", "/etc/passwd"), shard("parent-itself", ".."),
    shard("folder-itself", "."), shard("in-a-folder", "a/\(ShardedTarget.first)"),
    shard("back-and-forth", "target/../\(ShardedTarget.first)"),
    shard("with-a-backslash", "..\\\(ShardedTarget.first)"), shard("with-a-drive", "C:model.safetensors"),
    shard("with-nul", shown: "model", "model\0.safetensors"), shard("with-a-line-feed", shown: "model", "model\n.safetensors"),
    shard("empty", shown: "\"\"", ""), shard("of-256-bytes", shown: "nnn", String(repeating: "n", count: 256)),
    shard("slash-at-the-end", "model/"), shard("a-url", "file:///etc/passwd"),
  ]
}
