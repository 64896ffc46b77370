internal import ByteStorage
internal import Checkpoints
internal import Tensors

/// Lays a model out in one GGUF file, or in the parts of a split as llama.cpp names and marks them.
struct GGUFFiles {
  let files: [ExportFile]

  /// What llama.cpp and this program's own reader take.
  private static let limit = 1000

  /// - Parameters:
  ///   - stem: What the output's name goes on with before `-00001-of-00003.gguf`, or before `.gguf` where it is not empty.
  ///   - head: The model's metadata, which stand in the first part.
  ///   - splitByteCount: The most bytes of one file, unless one tensor alone is larger; nil for one file.
  /// - Throws: `usage` for more parts than are read.
  init(stem: String, head: GGUFHead, tensors: [ExportTensor], splitByteCount: Int?) throws(GriffinError) {
    let parts = splitByteCount.map { GGUFFiles.parts(head, tensors, limit: $0) } ?? [tensors]
    guard parts.count > 1 else {
      files = [GGUFFiles.file(stem.isEmpty ? "" : stem + ".gguf", head, tensors)]
      return
    }
    guard parts.count <= GGUFFiles.limit else {
      throw GriffinError(
        .usage, "--split-max-size \(splitByteCount ?? 0) makes \(parts.count) files; at most \(GGUFFiles.limit) are read",
        hints: ["give a larger size"])
    }
    files = parts.enumerated().map { number, part in
      var own = number == 0 ? head : GGUFHead()
      own.addSplit(number: number, count: parts.count, tensorCount: tensors.count)
      return GGUFFiles.file(stem + GGUFParts.suffix(number: number, count: parts.count), own, part)
    }
  }

  private static func file(_ name: String, _ head: GGUFHead, _ tensors: [ExportTensor]) -> ExportFile {
    let bytes = head.encoded(tensors.map(\.descriptor))
    var (end, placed): (Int, [ExportFile.Placed]) = (bytes.count, [])
    for tensor in tensors {
      placed.append(ExportFile.Placed(tensor, at: end))
      end = GGUFHead.padded(end + tensor.descriptor.byteCount)
    }
    return ExportFile(name: name, head: bytes, tensors: placed, byteCount: end)
  }

  /// Tensors in their order, as many in each file as fit.
  private static func parts(_ head: GGUFHead, _ tensors: [ExportTensor], limit: Int) -> [[ExportTensor]] {
    var (first, other) = (head, GGUFHead())
    first.addSplit(number: 0, count: 0, tensorCount: 0)
    other.addSplit(number: 0, count: 0, tensorCount: 0)
    var (parts, entries, data): ([[ExportTensor]], Int, Int) = ([[]], 0, 0)
    for tensor in tensors {
      let entry = GGUFHead.entryByteCount(tensor.descriptor)
      let byteCount = GGUFHead.padded(tensor.descriptor.byteCount)
      let own = parts.count == 1 ? first : other
      if parts[parts.count - 1].isEmpty || own.byteCount(entries: entries + entry) + data + byteCount <= limit {
        parts[parts.count - 1].append(tensor)
        (entries, data) = (entries + entry, data + byteCount)
      } else {
        parts.append([tensor])
        (entries, data) = (entry, byteCount)
      }
    }
    return parts
  }
}

extension GGUFHead {
  fileprivate mutating func addSplit(number: Int, count: Int, tensorCount: Int) {
    add("split.no", UInt16(clamping: number))
    add("split.count", UInt16(clamping: count))
    add("split.tensors.count", Int32(clamping: tensorCount))
  }
}
