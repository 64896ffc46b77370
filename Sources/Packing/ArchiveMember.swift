internal import Archives
internal import Bundles
internal import ByteStorage
internal import Tensors

/// An entry of an archive: what it is called and how its bytes are made of frames (section 2 of `formats/archive.md`).
struct ArchiveMember: Sendable {
  enum Content: Sendable {
    /// Bytes that are at hand.
    case text([UInt8])
    /// A payload; the base's that it differs from, where differences are stored.
    case payload(Int, base: Int?)
  }

  let name: String
  let byteCount: Int
  let content: Content
  let layout: PlaneLayout
  let treatment: PlaneEncoder.Treatment

  static let manifestName = "manifest.json"

  /// What its frames hold, block by block.
  var blocks: [Range<Int>] { layout.blocks(of: byteCount) }
  var frameCount: Int { (byteCount + layout.blockByteCount - 1) / layout.blockByteCount * layout.widths.count }

  static func text(_ name: String, _ bytes: [UInt8]) -> ArchiveMember {
    ArchiveMember(name: name, byteCount: bytes.count, content: .text(bytes), layout: .whole, treatment: .text)
  }

  /// All entries of an archive, in their order: manifest, note, tensors' payloads, attachments.
  /// - Parameter noteText: The note as it stands in the archive.
  /// - Throws: `malformed` where differences are said to be stored of what has none.
  static func all(_ head: BundleHead, _ note: ArchiveNote, noteText: [UInt8]) throws(GriffinError) -> [ArchiveMember] {
    let manifest = head.manifest
    let leftOut = Set(note.leftOut.map(\.payload))
    let differences = Dictionary(uniqueKeysWithValues: note.differences.map { ($0.payload, $0.base) })
    let types = manifest.payloadTypes
    var members = [text(manifestName, head.text), text(ArchiveNote.name, noteText)]
    for (index, payload) in manifest.payloads.enumerated() where !leftOut.contains(index) {
      guard let type = types[index] else { continue }
      let base = differences[index]
      let layout = base == nil ? PlaneLayout(type) : PlaneLayout(differencesOf: type)
      guard let layout else {
        throw GriffinError(.malformed, "\(ArchiveNote.name): differences are said to be stored of payload \(index), which is of type \(type)")
      }
      members.append(
        ArchiveMember(name: payloadName(index), byteCount: payload.byteCount, content: .payload(index, base: base), layout: layout,
          treatment: type.category == .float ? .floats : .others))
    }
    for attachment in manifest.attachments where !leftOut.contains(attachment.payload) {
      guard differences[attachment.payload] == nil else {
        throw GriffinError(.malformed, "\(ArchiveNote.name): differences are said to be stored of an attachment")
      }
      members.append(
        ArchiveMember(
          name: "attachments/\(attachment.name).zst", byteCount: manifest.payloads[attachment.payload].byteCount,
          content: .payload(attachment.payload, base: nil), layout: .whole, treatment: .stored))
    }
    return members
  }

  private static func payloadName(_ index: Int) -> String {
    let digits = String(index)
    return "payloads/" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }
}

extension Manifest {
  /// The type of the tensors that have a payload; nothing for those of attachments.
  var payloadTypes: [Int: ElementType] {
    tensors.reduce(into: [:]) { $0[$1.payload] = $1.descriptor.type }
  }
}
