internal import Tensors

/// A source whose tensors all have one prefix, seen without it: drafts are also saved from inside a larger module.
struct UnprefixedSource: TensorSource {
  private let source: any TensorSource
  let tensors: [TensorDescriptor]

  /// Modules that drafts are saved inside of.
  private static let prefixes = ["model.", "module.", "draft_model.", "ea_layer."]

  /// nil where the tensors have no known prefix in common.
  init?(_ source: any TensorSource) {
    let names = source.tensors.map(\.name)
    guard let prefix = UnprefixedSource.prefixes.first(where: { prefix in names.allSatisfy { $0.hasPrefix(prefix) } }) else {
      return nil
    }
    let renamed = source.tensors.compactMap { tensor in
      try? TensorDescriptor(name: String(tensor.name.dropFirst(prefix.count)), type: tensor.type, shape: tensor.shape)
    }
    guard !renamed.isEmpty, renamed.count == names.count else { return nil }
    (self.source, self.tensors) = (source, renamed)
  }

  func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    try source.withBytes(of: index, body)
  }

  func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    try source.read(index, at: offset, into: &buffer)
  }
}
