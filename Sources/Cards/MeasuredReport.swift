package import Bundles
package import ByteStorage

/// What `griffin verify --json` found of a bundle, for those who tell others.
package struct MeasuredReport: Sendable {
  package let isOK: Bool
  /// Tokens that one cycle of speculative decoding gives, greedy, and prompts that were decoded.
  package let acceptanceLength: Double?
  package let promptCount: Int
  /// How close the packed target is to its source; empty where it was not compared.
  package let fidelity: [(name: String, value: Double, interval: (Double, Double)?)]
  package let verdict: String?

  private static let names = ["kl_mean", "top1_agreement", "overlap", "perplexity", "perplexity_source", "acceptance_length", "acceptance_length_source"]

  /// Reads a report.
  /// - Throws: `malformed` where it is none; `inconsistent` where it is of another bundle; what reading it throws.
  package init(path: String, of bundle: ModelBundle) throws(GriffinError) {
    let text = try InputFile(path: path).contents(limit: JSONLimits.config.bytes)
    let document = try JSONValue.parse(text.bytes, limits: .config, file: path)
    guard let isOK = document["ok"]?.bool, let digest = document["digest"]?.string, let summary = document["summary"] else {
      throw GriffinError(
        .malformed, file: path, "it is no report of a verification",
        hints: ["griffin verify \(bundle.file.path.printable) --json > \(path.printable)"])
    }
    guard digest == bundle.digest.hexadecimal else {
      throw GriffinError(
        .inconsistent, file: path, "the report is of the bundle \(digest.shortened(to: 64)), this one is \(bundle.digest)")
    }
    self.isOK = isOK
    acceptanceLength = summary["acceptance_length"]?.double
    promptCount = summary["cases"]?.integer ?? 0
    let fidelity = document["fidelity"]
    verdict = fidelity?["verdict"]?.string
    self.fidelity = MeasuredReport.names.compactMap { name in
      guard let value = fidelity?[name]?.double else { return nil }
      let bounds = fidelity?["intervals"]?[name]?.array?.compactMap(\.double) ?? []
      return (name, value, bounds.count == 2 ? (bounds[0], bounds[1]) : nil)
    }
  }
}
