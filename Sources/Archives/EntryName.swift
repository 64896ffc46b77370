internal import ByteStorage

/// The name of an entry, found to stay inside the folder that it is unpacked into.
struct EntryName: Sendable, Hashable {
  /// Folders from the outside in, then the name itself; empty for the archive's own folder (`./`).
  let parts: [String]

  /// - Throws: `unsafe` for names that lead out of their folder or that could on another system, or would steer a terminal.
  init(_ name: String, limits: ArchiveLimits) throws(GriffinError) {
    func refusal(_ reason: String) -> GriffinError {
      GriffinError(.unsafe, "the entry \"\(name.shortened().printable)\" \(reason)", hints: ["nothing of the archive was used"])
    }
    guard !name.isEmpty else { throw GriffinError(.malformed, "an entry of the archive has no name") }
    guard name.utf8.count <= limits.nameBytes else { throw refusal("has a name of more than \(limits.nameBytes) bytes") }
    guard !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      throw refusal("has control characters in its name")
    }
    guard !name.contains("\\") else { throw refusal("has a backslash in its name") }
    guard !name.hasPrefix("/") else { throw refusal("has an absolute name") }
    let parts = name.split(separator: "/").map(String.init).filter { $0 != "." }
    guard !parts.contains("..") else { throw refusal("leads out of its folder") }
    if let first = parts.first?.utf8, first.count >= 2, first.dropFirst().first == UInt8(ascii: ":") {
      throw refusal("names a drive")
    }
    guard parts.allSatisfy({ $0.utf8.count <= 255 }) else { throw refusal("has a part of more than 255 bytes in its name") }
    guard parts.count <= limits.depth + 1 else { throw refusal("lies more than \(limits.depth) folders deep") }
    self.parts = parts
  }

  /// The folders that it lies in, the outermost first.
  var folders: [EntryName] { parts.indices.dropFirst().map { EntryName(parts: Array(parts[..<$0])) } }

  var text: String { parts.joined(separator: "/") }

  private init(parts: [String]) { self.parts = parts }
}
