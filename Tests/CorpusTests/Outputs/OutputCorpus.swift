import ByteStorage
import Foundation
import TestSupport

/// Outputs that would destroy an input: `formats/bundle.md`, section 10.
enum OutputCorpus {
  private static let rule = Rule("bundle.md", "The output is never one of the inputs")

  private static func refuse(
    _ name: String, _ mention: String, _ kind: GriffinError.Kind = .usage, arguments: [String],
    make: @escaping @Sendable (CorpusFolder) throws -> Void
  ) -> HostileCase {
    HostileCase("output-\(name)", rule: rule, kind: kind, mentions: [mention], arguments: arguments, make: make)
  }

  private static func convert(
    _ name: String, to output: String, _ kind: GriffinError.Kind = .usage,
    _ make: @escaping @Sendable (CorpusFolder) throws -> Void = { _ in }
  ) -> HostileCase {
    refuse(name, output, kind, arguments: ["convert", "--target", "target", "-o", output, "--force"]) { folder in
      try folder.writeTarget()
      try make(folder)
    }
  }

  private static func bundle(
    _ name: String, _ mention: String, _ arguments: [String], kind: GriffinError.Kind = .usage,
    _ make: @escaping @Sendable (CorpusFolder) throws -> Void = { _ in }
  ) -> HostileCase {
    refuse(name, mention, kind, arguments: arguments) { folder in
      try folder.write(TinyBundle.pair(), to: "pair.griffin")
      try make(folder)
    }
  }

  private static let quantize = ["quantize", "pair.griffin", "--recipe", "f16", "--force", "-o"]

  static let hostile: [HostileCase] = [
    convert("is-the-weights", to: "target/model.safetensors"),
    convert("is-the-weights-by-another-way", to: "target/../target/./model.safetensors"),
    convert("is-the-configuration", to: "target/config.json"),
    convert("is-an-attachment", to: "target/README.md") { try $0.write("a model", to: "target/README.md") },
    convert("is-a-link-to-the-weights", to: "link.griffin") { try $0.link("link.griffin", to: "target/model.safetensors") },
    convert("is-a-hard-link-to-the-weights", to: "hard.griffin") { folder in
      try FileManager.default.linkItem(atPath: folder.path("target/model.safetensors"), toPath: folder.path("hard.griffin"))
    },
    convert("is-a-partial-file-that-is-an-input", to: "out.griffin") { folder in
      try FileManager.default.linkItem(
        atPath: folder.path("target/model.safetensors"), toPath: folder.path("out.griffin.partial"))
    },
    convert("is-the-source-folder", to: "target", .uncreatable),
    convert("is-in-no-folder", to: "absent/out.griffin", .uncreatable),
    convert("is-in-a-file", to: "target/config.json/out.griffin", .uncreatable),
    convert("is-a-pipe", to: "pipe.griffin", .uncreatable) { try $0.makePipe("pipe.griffin") },
    refuse("is-the-archive", "model.tar", arguments: ["convert", "--target", "model.tar", "-o", "model.tar", "--force"]) {
      folder in
      try folder.write(TarBuilder(ArchiveCorpus.model()).bytes, to: "model.tar")
    },
    refuse("is-the-gguf-file", "model.gguf", arguments: ["convert", "--target", "model.gguf", "-o", "model.gguf", "--force"]) {
      folder in
      try folder.write(GGUFBuilder.tiny().bytes, to: "model.gguf")
    },
    refuse(
      "is-the-importance-matrix", "imatrix.dat",
      arguments: [
        "convert", "--target", "target", "--quantize", "q8_0", "--imatrix", "imatrix.dat", "-o", "imatrix.dat", "--force",
      ]
    ) { folder in
      try folder.writeTarget()
      try folder.write(ImportanceCorpus.Legacy().bytes, to: "imatrix.dat")
    },
    bundle("is-the-bundle", "pair.griffin", quantize + ["pair.griffin"]),
    bundle("is-the-bundle-by-another-way", "pair.griffin", quantize + ["./pair.griffin"]),
    bundle("is-a-link-to-the-bundle", "link.griffin", quantize + ["link.griffin"]) {
      try $0.link("link.griffin", to: "pair.griffin")
    },
    bundle("is-a-hard-link-to-the-bundle", "hard.griffin", quantize + ["hard.griffin"]) { folder in
      try FileManager.default.linkItem(atPath: folder.path("pair.griffin"), toPath: folder.path("hard.griffin"))
    },
    bundle(
      "of-a-record-is-the-bundle", "pair.griffin",
      ["verify", "pair.griffin", "--prompt-ids", "1,4", "--max-new-tokens", "2", "--record", "pair.griffin", "--force"]),
    bundle(
      "of-a-record-is-the-prompts", "prompts.jsonl",
      ["verify", "pair.griffin", "--prompts", "prompts.jsonl", "--max-new-tokens", "2", "--record", "prompts.jsonl", "--force"]
    ) { folder in
      try folder.write("{\"prompt_ids\":[1,4]}\n", to: "prompts.jsonl")
    },
    bundle("is-there", "out.griffin", ["quantize", "pair.griffin", "--recipe", "f16", "-o", "out.griffin"], kind: .exists) {
      try $0.write("mine", to: "out.griffin")
    },
  ]
}
