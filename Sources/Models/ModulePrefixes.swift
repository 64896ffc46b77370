internal import Tensors

/// Modules that models are saved inside of, which say nothing of what their tensors are.
enum ModulePrefixes {
  /// What `torch.compile` puts before the names of what it compiled, wherever that is.
  private static let compiled = "_orig_mod."

  /// The source with no name of a compiled module in its names; nil where there was none.
  static func withoutCompiled(_ source: any TensorSource) -> (any TensorSource)? {
    guard source.tensors.contains(where: { $0.name.contains(compiled) }) else { return nil }
    return RenamedSource(source) { name in
      name.split(separator: ".", omittingEmptySubsequences: false).filter { $0 != "_orig_mod" }.joined(separator: ".")
    }
  }

  /// The first of `prefixes` that all names but those `outside` begin with.
  static func common(_ prefixes: [String], of source: any TensorSource, outside: Set<String>) -> String? {
    let inside = source.tensors.map(\.name).filter { !outside.contains($0) }
    guard !inside.isEmpty else { return nil }
    return prefixes.first { prefix in inside.allSatisfy { $0.hasPrefix(prefix) && $0.count > prefix.count } }
  }
}
