internal import Tensors

/// A source whose tensors are seen under other names.
struct RenamedSource: TensorSource {
  private let source: any TensorSource
  let tensors: [TensorDescriptor]

  /// nil where two tensors would have one name.
  init?(_ source: any TensorSource, _ rename: (String) -> String) {
    let renamed = source.tensors.compactMap { tensor in
      try? TensorDescriptor(name: rename(tensor.name), type: tensor.type, shape: tensor.shape)
    }
    guard renamed.count == source.tensors.count, Set(renamed.map(\.name)).count == renamed.count else { return nil }
    (self.source, self.tensors) = (source, renamed)
  }

  func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    try source.withBytes(of: index, body)
  }

  func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    try source.read(index, at: offset, into: &buffer)
  }
}
