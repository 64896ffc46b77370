internal import ByteStorage
internal import Tensors

/// The tensors of several files as one source, file by file.
struct CombinedSource: TensorSource {
  private let sources: [any TensorSource]
  /// For each tensor its source and its index there.
  private let places: [(source: Int, index: Int)]
  let tensors: [TensorDescriptor]

  /// - Parameter sources: No name occurs in two of them.
  init(_ sources: [any TensorSource]) {
    self.sources = sources
    places = sources.enumerated().flatMap { source, tensors in tensors.tensors.indices.map { (source, $0) } }
    tensors = sources.flatMap(\.tensors)
  }

  func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    try sources[places[index].source].withBytes(of: places[index].index, body)
  }

  func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    try sources[places[index].source].read(places[index].index, at: offset, into: &buffer)
  }
}
