public import ByteStorage
public import Tensors

/// A file that `torch.save` wrote: a state dict of tensors, in a zip archive or in the older form.
///
/// Nothing in the file is executed. Views, strides and shared storages are honoured: contiguous
/// tensors are lent from the mapping, others are gathered on demand. In the zip form the checksum of
/// a storage is checked when the first of its bytes are asked for, so that opening costs nothing and
/// no unchecked byte is ever used; the pickle's own is checked at once.
///
/// - Source: `formats/pytorch-bin.md`.
public final class PyTorchFile: TensorSource {
  /// In the order of the state dict.
  public let tensors: [TensorDescriptor]
  /// Entries that are not tensors, and an outer dictionary that was looked through.
  public let warnings: [String]

  private let views: [TensorView]
  private let storages: [PyTorchStorage]
  private let file: InputFile

  /// Reads the pickle and the structure around it. Payloads are not touched.
  /// - Throws: `malformed`, `unsupported`, or `unsafe` where the file asks for anything but tensors.
  public init(_ file: InputFile) throws(GriffinError) {
    let contents: PyTorchContents
    let bytes = file.bytes
    if bytes.littleEndian(UInt32.self, at: 0) == 0x0403_4B50 {
      contents = try PyTorchContents(zip: file)
    } else if bytes.byteCount > 1, bytes[0] == PickleOpcode.proto.rawValue, bytes[1] <= 5 {
      guard file.far == nil else {
        throw GriffinError(
          .unsupported, file: file.path, "the older form of torch.save says only at its end what it holds; it is not read from afar",
          hints: ["fetch the file and name it"])
      }
      contents = try PyTorchContents(legacy: file)
    } else {
      throw ForeignContent(bytes)?.error(file: file.path, expected: "a PyTorch file")
        ?? GriffinError(
          .malformed, file: file.path, offset: 0, "expected a PyTorch file, found neither a zip archive nor a pickle of protocol 2 to 5")
    }
    let stateDict = try StateDict(contents.document, file: file.path)
    var views: [TensorView] = []
    var describedBytes = 0
    for entry in stateDict.entries {
      let storage = contents.document.storages[entry.tensor.storage]
      let view = try TensorView(entry.tensor, name: entry.name, storage: storage, file: file.path)
      // Each view is at most its storage, so the sum of 100,000 of them fits.
      describedBytes += view.descriptor.byteCount
      guard describedBytes / CheckpointLimits.viewExpansion <= file.byteCount else {
        throw GriffinError(
          .unsafe, file: file.path, tensor: entry.name,
          "the tensors so far describe more than \(CheckpointLimits.viewExpansion) times the bytes of their file")
      }
      views.append(view)
    }
    self.file = file
    self.views = views
    self.tensors = views.map(\.descriptor)
    self.storages = contents.storages
    self.warnings = stateDict.warnings
  }

  public func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    let view = views[index]
    let storage = storages[view.storage]
    try storage.verify(in: file)
    if view.isContiguous {
      let start = storage.offset + view.byteOffset
      return try file.withBytes(start..<start + view.descriptor.byteCount, body)
    }
    var buffer = ByteBuffer(byteCount: view.descriptor.byteCount)
    do {
      var target = buffer.mutableBytes
      try gather(view, storage, at: 0, into: &target)
    }
    return try body(buffer.bytes)
  }

  public func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    let view = views[index]
    let storage = storages[view.storage]
    precondition(offset >= 0 && buffer.byteCount <= view.descriptor.byteCount - offset, "range out of the tensor")
    try storage.verify(in: file)
    if view.isContiguous {
      try file.read(at: storage.offset + view.byteOffset + offset, into: &buffer)
    } else {
      try gather(view, storage, at: offset, into: &buffer)
    }
  }

  /// Strided elements come from the mapping, where reading each by itself costs no system call; a far file's storage is read as a whole.
  private func gather(_ view: TensorView, _ storage: PyTorchStorage, at offset: Int, into buffer: inout MutableRawSpan) throws {
    try file.checkUnchanged()
    var target = buffer._mutatingExtracting(0..<buffer.byteCount)
    try file.withBytes(storage.offset..<storage.offset + storage.byteCount) { view.gather(from: $0, at: offset, into: &target) }
  }
}
