internal import ByteStorage

/// A file of an export, planned before a byte is written: what begins it, and where its tensors go.
package struct ExportFile: Sendable {
  /// A tensor and the offset of its first byte in the file.
  package struct Placed: Sendable {
    package let tensor: ExportTensor
    package let offset: Int

    package init(_ tensor: ExportTensor, at offset: Int) { (self.tensor, self.offset) = (tensor, offset) }
  }

  /// The name in the output: plain, or with its folder, such as `draft/config.json`. Of an export that is files beside one
  /// another, what is appended to the output's own name.
  package let name: String
  /// The bytes at its beginning; the whole of a file without tensors.
  package let head: [UInt8]
  package let tensors: [Placed]
  /// Bytes of the file; what no tensor covers after the head is zeros.
  package let byteCount: Int

  package init(name: String, head: [UInt8], tensors: [Placed] = [], byteCount: Int? = nil) {
    (self.name, self.head, self.tensors, self.byteCount) = (name, head, tensors, byteCount ?? head.count)
  }
}
