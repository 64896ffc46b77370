internal import ByteStorage
internal import Checkpoints
internal import Tensors

/// One safetensors file: the header that says where its tensors are, and their places.
///
/// - Source: `formats/safetensors.md`.
enum SafetensorsLayout {
  /// Headers are padded with spaces to this, so that tensors of every type lie aligned.
  private static let alignment = 8

  /// Tensors of wider types come first, so that each lies aligned, otherwise in the order given.
  static func file(name: String, _ tensors: [ExportTensor]) -> ExportFile {
    let widths = tensors.map(\.descriptor.type.bytesPerBlock)
    let order = tensors.indices.sorted { (widths[$1], $0) < (widths[$0], $1) }
    var header = #"{"__metadata__":{"format":"pt"}"#
    var offset = 0
    for index in order {
      let tensor = tensors[index].descriptor
      header += ","
      header.appendJSON(tensor.name)
      let shape = tensor.shape.dimensions.map(String.init).joined(separator: ",")
      guard let type = tensor.type.safetensorsName else { preconditionFailure("\(tensor.type) is no type of safetensors") }
      header += #":{"dtype":"\#(type)","shape":[\#(shape)],"data_offsets":[\#(offset),\#(offset + tensor.byteCount)]}"#
      offset += tensor.byteCount
    }
    header += "}"
    let length = (header.utf8.count + alignment - 1) / alignment * alignment
    var head: [UInt8] = []
    head.append(littleEndian: UInt64(length))
    head += Array(header.utf8) + [UInt8](repeating: UInt8(ascii: " "), count: length - header.utf8.count)
    var place = head.count
    let placed = order.map { index in
      defer { place += tensors[index].descriptor.byteCount }
      return ExportFile.Placed(tensors[index], at: place)
    }
    return ExportFile(name: name, head: head, tensors: placed, byteCount: place)
  }
}
