internal import ByteStorage
internal import Tensors

/// What may lie behind tensors that are not those that were expected, as hints.
enum ForeignNames {
  /// - Parameters:
  ///   - prefix: A bundle's component; its tensors alone are looked at.
  ///   - missing: Expected names that are not there.
  static func hints(_ table: TensorTable, prefix: String, rules: [TensorRule], missing: [String]) -> [String] {
    guard !missing.isEmpty else { return [] }
    let names = table.source.tensors.map(\.name).filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    var hints: [String] = []
    let expected = Set(rules.map(\.name))
    if let common = commonBeginning(names.filter { !expected.contains($0) }) {
      let isAll = names.allSatisfy { $0.hasPrefix(common) }
      let matches = names.count { $0.hasPrefix(common) && expected.contains(String($0.dropFirst(common.count))) }
      hints.append(
        (isAll ? "every name begins" : "every name that is not expected begins") + " with \"\(common.shortened(to: 80).printable)\""
          + (matches > 0 ? "; without it \(matches) would be those that are expected" : ""))
    }
    if missing == ["lm_head.weight"], rules.contains(where: { $0.role == .tokenEmbedding && $0.name.hasPrefix("model.") }) {
      hints.append("where the output head is the token embedding, config.json says so with \"tie_word_embeddings\": true")
    }
    return hints
  }

  /// The modules that several names all begin with: whole ones, with their dots; nil where there are none.
  private static func commonBeginning(_ names: [String]) -> String? {
    guard names.count > 1, var common = names.first?.split(separator: ".", omittingEmptySubsequences: false).dropLast() else { return nil }
    for name in names {
      let parts = name.split(separator: ".", omittingEmptySubsequences: false).dropLast()
      common = common.prefix(zip(common, parts).prefix { $0 == $1 }.count)
    }
    return common.isEmpty ? nil : common.joined(separator: ".") + "."
  }
}
