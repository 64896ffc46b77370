internal import ByteStorage

/// The pickle of a PyTorch file and where its storages are, whatever the form of the file.
struct PyTorchContents {
  let document: PickleDocument
  /// One for each of the document's storages.
  let storages: [PyTorchStorage]
}
