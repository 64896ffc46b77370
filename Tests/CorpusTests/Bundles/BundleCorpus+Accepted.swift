import ByteStorage
import TestSupport

extension BundleCorpus {
  private static func accept(
    _ name: String, _ words: String, _ arguments: [String] = ["inspect", file],
    forge: @escaping @Sendable (inout BundleForge) throws -> Void = { _ in }
  ) -> AcceptedCase {
    AcceptedCase("bundle-\(name)", rule: Rule(page, words), arguments: arguments) { folder in
      var bundle = try BundleForge(TinyBundle.vector())
      try forge(&bundle)
      try folder.write(bundle.bytes, to: file)
    }
  }

  static let accepted: [AcceptedCase] = [
    accept("vector", "`examples/pair.griffin` uses every member", ["verify", file, "--integrity"]),
    accept("with-members-of-later-writers", "readers MUST ignore members that they do not know") { bundle in
      try bundle.replace("{\"format\"", "{\"minor\":7,\"aliases\":{\"a\":\"a\"},\"format\"")
      try bundle.replace("{\"offset\"", "{\"chunks\":[1,2],\"offset\"")
    },
    accept("with-spaces-at-the-end", "Those spaces are part of the manifest") { $0.manifest += "    " },
    accept("with-errors-that-are-none", "readers ignore it where it is otherwise") {
      try $0.replace("\"name\":\"draft/scalar\"", "\"errors\":{\"rmse\":-1,\"max\":\"x\",\"cosine\":7},\"name\":\"draft/scalar\"")
    },
    AcceptedCase(
      "bundle-of-the-tiny-pair", rule: Rule(page, "C1. `target` or `draft` MUST be an object; both MAY be"),
      arguments: ["generate", file, "--prompt-ids", "1,4", "--max-new-tokens", "2"]
    ) { try $0.write(TinyBundle.pair(), to: file) },
  ]
}
