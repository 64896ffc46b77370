internal import ByteStorage
internal import Tensors

/// The zip form, since PyTorch 1.6: `NAME/data.pkl`, `NAME/data/KEY` for each storage, and a few small members.
///
/// - Source: torch `serialization.py`, `_save` and `_load`; `caffe2/serialize/inline_container.cc`.
extension PyTorchContents {
  init(zip file: InputFile) throws(GriffinError) {
    let archive = try ZipArchive(file)
    let pickles = archive.members.filter { $0.name == "data.pkl" || $0.name.hasSuffix("/data.pkl") }
    guard let pickle = pickles.first, pickles.count == 1 else {
      throw GriffinError(
        .malformed, file: file.path, "expected one data.pkl in the archive, found \(pickles.isEmpty ? "none" : "\(pickles.count)")")
    }
    let prefix = pickle.name.dropLast("data.pkl".count)
    guard !prefix.dropLast().contains("/"), prefix != "/" else {
      throw GriffinError(.malformed, file: file.path, "expected data.pkl in one folder of the archive, found \(pickle.name.shortened())")
    }
    var members: [Substring: ZipArchive.Member] = [:]
    for member in archive.members {
      guard member.name.hasPrefix(prefix) else {
        throw GriffinError(
          .malformed, file: file.path, offset: member.dataOffset,
          "the archive member \(member.name.shortened()) is not in the folder of data.pkl, \(prefix.isEmpty ? "the outermost" : String(prefix))")
      }
      members[member.name.dropFirst(prefix.count)] = member
    }
    guard members["constants.pkl"] == nil, !members.keys.contains(where: { $0.hasPrefix("code/") }) else {
      throw GriffinError(
        .unsupported, file: file.path, "the file is a TorchScript program, not a state dict of tensors",
        hints: ["save the weights alone: torch.save(model.state_dict(), ...)"])
    }
    if let member = members["byteorder"] { try PyTorchContents.checkByteOrder(member, file) }

    guard pickle.byteCount <= CheckpointLimits.pickleBytes else {
      throw GriffinError(.unsafe, file: file.path, "data.pkl has \(pickle.byteCount) bytes; at most \(CheckpointLimits.pickleBytes) are read")
    }
    try file.require(pickle.dataOffset..<pickle.dataOffset + pickle.byteCount)
    let bytes = file.bytes.extracting(pickle.dataOffset..<pickle.dataOffset + pickle.byteCount)
    try PyTorchStorage.check(CRC32.of(bytes), against: pickle.checksum, file: file, offset: pickle.dataOffset)
    var machine = PickleMachine(bytes, file: file.path, baseOffset: pickle.dataOffset, container: .zip)
    let document = try machine.run()
    guard machine.position == bytes.byteCount else {
      throw GriffinError(
        .malformed, file: file.path, offset: pickle.dataOffset + machine.position, "data.pkl goes on after the end of its pickle")
    }
    var storages: [PyTorchStorage] = []
    for storage in document.storages {
      guard let member = members["data/\(storage.key)"] else {
        throw GriffinError(.malformed, file: file.path, "the archive has no data/\(storage.key), which the pickle refers to")
      }
      // The machine has checked the product.
      guard member.byteCount == storage.elementCount * storage.type.bytesPerBlock else {
        throw GriffinError(
          .malformed, file: file.path, offset: member.dataOffset,
          "storage \(storage.key) has \(member.byteCount) bytes, but \(storage.elementCount) elements of \(storage.type) in the pickle")
      }
      storages.append(PyTorchStorage(offset: member.dataOffset, byteCount: member.byteCount, checksum: member.checksum))
    }
    self.init(document: document, storages: storages)
  }

  private static func checkByteOrder(_ member: ZipArchive.Member, _ file: InputFile) throws(GriffinError) {
    try file.require(member.dataOffset..<member.dataOffset + min(member.byteCount, 16))
    let bytes = file.bytes.extracting(member.dataOffset..<member.dataOffset + min(member.byteCount, 16))
    let text = bytes.utf8Text ?? ""
    guard text == "little", member.byteCount == text.utf8.count else {
      throw GriffinError(
        .unsupported, file: file.path, offset: member.dataOffset, "expected the byte order 'little', found '\(text)'",
        hints: text == "big" ? ["load and save the file on a little-endian machine"] : [])
    }
    try PyTorchStorage.check(CRC32.of(bytes), against: member.checksum, file: file, offset: member.dataOffset)
  }
}
