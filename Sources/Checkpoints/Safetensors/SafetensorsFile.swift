public import ByteStorage
public import Tensors

/// One safetensors file: every tensor lies contiguous in it, so nothing is ever copied or gathered.
///
/// - Source: `formats/safetensors.md`.
public final class SafetensorsFile: TensorSource {
  /// In the order of their bytes in the file.
  public let tensors: [TensorDescriptor]
  private let offsets: [Int]
  private let file: InputFile

  /// Reads and checks the header. Payloads are not touched.
  /// - Throws: `malformed`, `unsupported` (an unknown dtype) or `unsafe` (absurd sizes).
  public init(_ file: InputFile) throws(GriffinError) {
    let header = try SafetensorsHeader(file)
    self.file = file
    self.tensors = header.entries.map(\.descriptor)
    self.offsets = header.entries.map(\.offset)
  }

  public func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    try file.withBytes(offsets[index]..<offsets[index] + tensors[index].byteCount, body)
  }

  public func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    precondition(offset >= 0 && buffer.byteCount <= tensors[index].byteCount - offset, "range out of the tensor")
    try file.read(at: offsets[index] + offset, into: &buffer)
  }
}
