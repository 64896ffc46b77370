internal import ByteStorage
internal import Tensors

/// The form before PyTorch 1.6: five pickles in a row, the magic number, the protocol, the machine,
/// the state dict and the order of the storages; then for each storage its elements, counted.
///
/// - Source: torch `serialization.py`, `_legacy_save` and `_legacy_load`.
extension PyTorchContents {
  /// 0x1950a86a20f9469cfc6c, little-endian.
  private static let magicNumber: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
  private static let protocolVersion = 1001

  init(legacy file: InputFile) throws(GriffinError) {
    var position = 0
    let magic = try PyTorchContents.pickle(file, &position)
    guard magic.root == .wideInteger(PyTorchContents.magicNumber) else {
      throw GriffinError(
        .malformed, file: file.path, offset: 0, "expected the magic number of a PyTorch file, found a pickle of \(magic.root.description)")
    }
    let version = try PyTorchContents.pickle(file, &position)
    guard version.root == .integer(PyTorchContents.protocolVersion) else {
      throw GriffinError(
        .unsupported, file: file.path, offset: position, "expected protocol version \(PyTorchContents.protocolVersion), found \(version.root.description)")
    }
    try PyTorchContents.checkMachine(PyTorchContents.pickle(file, &position), file)
    let document = try PyTorchContents.pickle(file, &position)
    let keyOffset = position
    let keys = try PyTorchContents.pickle(file, &position)
    guard case .list(let list) = keys.root, keys.sequences[list].count == document.storages.count else {
      throw GriffinError(.malformed, file: file.path, offset: keyOffset, "expected a list of the keys of \(document.storages.count) storages")
    }
    var indices: [String: Int] = [:]
    for (index, storage) in document.storages.enumerated() { indices[storage.key] = index }
    var storages = [PyTorchStorage?](repeating: nil, count: document.storages.count)
    for key in keys.sequences[list] {
      guard case .text(let key) = key, let index = indices[key], storages[index] == nil else {
        throw GriffinError(
          .malformed, file: file.path, offset: keyOffset, "\(key.description) in the list of storages is none, or there twice")
      }
      storages[index] = try PyTorchContents.storage(document.storages[index], file, &position)
    }
    guard position == file.byteCount else {
      throw GriffinError(
        .malformed, file: file.path, offset: position, "\(file.byteCount - position) bytes after the last storage belong to none")
    }
    self.init(document: document, storages: storages.compactMap { $0 })
  }

  private static func pickle(_ file: InputFile, _ position: inout Int) throws(GriffinError) -> PickleDocument {
    let bytes = file.bytes.extracting(position..<file.byteCount)
    var machine = PickleMachine(bytes, file: file.path, baseOffset: position, container: .legacy)
    let document = try machine.run()
    position += machine.position
    return document
  }

  private static func checkMachine(_ document: PickleDocument, _ file: InputFile) throws(GriffinError) {
    guard case .dictionary(let dictionary) = document.root else {
      throw GriffinError(.malformed, file: file.path, "expected a description of the machine, found \(document.root.description)")
    }
    let order = document.dictionaries[dictionary].filter { $0.key == .text("little_endian") }
    guard order.count == 1, order[0].value == .bool(true) else {
      throw GriffinError(.unsupported, file: file.path, "expected a file written on a little-endian machine")
    }
  }

  /// The 8 bytes of an element count, then the elements.
  private static func storage(
    _ storage: PickleDocument.Storage, _ file: InputFile, _ position: inout Int
  ) throws(GriffinError) -> PyTorchStorage {
    guard let count = file.bytes.littleEndian(Int64.self, at: position), count == storage.elementCount else {
      throw GriffinError(
        .malformed, file: file.path, offset: position,
        "expected storage \(storage.key) with \(storage.elementCount) elements, as the pickle says; the file may be truncated")
    }
    let start = position + 8
    // The machine has checked the product.
    let byteCount = storage.elementCount * storage.type.bytesPerBlock
    guard byteCount <= file.byteCount - start else {
      throw GriffinError(
        .malformed, file: file.path, offset: start,
        "storage \(storage.key) has \(byteCount) bytes, the file only \(file.byteCount - start) more; it may be truncated")
    }
    position = start + byteCount
    return PyTorchStorage(offset: start, byteCount: byteCount, checksum: nil)
  }
}
