internal import ByteStorage
internal import Tensors

/// One GGUF file: its metadata, and its tensors under the names that they have in it.
///
/// Tensors lie contiguous in the file, so nothing is ever copied or gathered.
///
/// - Source: `formats/gguf.md`.
final class GGUFFile: TensorSource {
  let file: InputFile
  let metadata: GGUFMetadata
  /// In the order of their bytes in the file.
  let tensors: [TensorDescriptor]
  private let offsets: [Int]

  /// Reads and checks the header. Payloads are not touched.
  /// - Throws: `malformed`, `unsupported` (a version or an element type) or `unsafe` (absurd sizes).
  init(_ file: InputFile) throws(GriffinError) {
    let header = try GGUFHeader(file)
    self.file = file
    metadata = header.metadata
    tensors = header.entries.map(\.descriptor)
    offsets = header.entries.map(\.offset)
  }

  /// Where a tensor's bytes start in the file.
  func offset(of index: Int) -> Int { offsets[index] }

  func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    try file.withBytes(offsets[index]..<offsets[index] + tensors[index].byteCount, body)
  }

  func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    precondition(offset >= 0 && buffer.byteCount <= tensors[index].byteCount - offset, "range out of the tensor")
    try file.read(at: offsets[index] + offset, into: &buffer)
  }
}
