package import ByteStorage
internal import Tensors

/// The rules that need several members together. Rule names are those of `formats/bundle.md`.
extension Manifest {
  /// - Parameter file: Named in errors.
  /// - Throws: `malformed` for a broken rule, `unsafe` for a name that escapes or a limit that is exceeded.
  package func validate(file: String?) throws(GriffinError) {
    let check = ManifestCheck(manifest: self, file: file)
    try check.components()
    try check.tensorEntries()
    try check.attachmentEntries()
    try check.provenanceEntries()
    try check.importanceEntries()
    try check.metadataEntries()
    try check.payloadReferences()
  }

  /// Where the payloads must be, given where the manifest ends (section 4): their offsets, and the bytes of the file.
  /// - Returns: nil where 64 bits do not count that far.
  static func layout(manifestByteCount: Int, payloadByteCounts: [Int]) -> (offsets: [Int], fileByteCount: Int)? {
    guard let manifestEnd = BundleFormat.headerByteCount.adding(manifestByteCount),
      var end = manifestEnd.roundedUp(to: BundleFormat.alignment)
    else { return nil }
    var offsets: [Int] = []
    offsets.reserveCapacity(payloadByteCounts.count)
    for byteCount in payloadByteCounts {
      offsets.append(end)
      guard let next = end.adding(byteCount)?.roundedUp(to: BundleFormat.alignment) else { return nil }
      end = next
    }
    return (offsets, end)
  }

  /// Checks every payload's place against `layout` (rules P1 to P3).
  func validateLayout(manifestByteCount: Int, fileByteCount: Int, file: String?) throws(GriffinError) {
    guard let layout = Manifest.layout(manifestByteCount: manifestByteCount, payloadByteCounts: payloads.map(\.byteCount)) else {
      throw GriffinError(.malformed, file: file, "the payloads are more bytes than 64 bits count")
    }
    for (index, payload) in payloads.enumerated() where payload.offset != layout.offsets[index] {
      throw GriffinError(
        .malformed, file: file, tensor: tensors.first { $0.payload == index }?.descriptor.name,
        "payloads[\(index)].offset is \(payload.offset), expected \(layout.offsets[index])")
    }
    guard layout.fileByteCount == fileByteCount else {
      throw GriffinError(
        .malformed, file: file, offset: 16,
        "the payloads end the file at byte \(layout.fileByteCount), but the header says \(fileByteCount)")
    }
  }
}

private struct ManifestCheck {
  typealias Limit = BundleFormat.Limit

  let manifest: Manifest
  let file: String?

  func failure(_ kind: GriffinError.Kind, _ message: String, tensor: String? = nil) -> GriffinError {
    GriffinError(kind, file: file, tensor: tensor, message)
  }

  /// Rules C1 to C4.
  func components() throws(GriffinError) {
    guard manifest.target != nil || manifest.draft != nil else {
      throw failure(.malformed, "both target and draft are null, expected at least one of them")
    }
    for component in Component.allCases {
      let recipe = manifest.recipe(of: component)
      guard (recipe != nil) == manifest.holds(component) else {
        throw failure(
          .malformed,
          "recipe.\(component.rawValue) is \(recipe == nil ? "null" : "given") though \(component.rawValue) is "
            + (manifest.holds(component) ? "there" : "null"))
      }
      if let recipe { try word(recipe, "recipe.\(component.rawValue)") }
      let hasTensors = manifest.tensors.contains { Component(ofName: $0.descriptor.name) == component }
      if manifest.holds(component) && !hasTensors {
        throw failure(.malformed, "\(component.rawValue) is there, but no tensor's name begins with \(component.prefix)")
      }
    }
    if let family = manifest.target?.family { try word(family, "target.family") }
    if let kind = manifest.draft?.kind { try word(kind, "draft.kind") }
  }

  /// Rule C3: names of families, kinds and recipes.
  private func word(_ text: String, _ what: String) throws(GriffinError) {
    guard !text.isEmpty, text.utf8.count <= Limit.wordBytes, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw failure(
        .malformed, "\(what) is \"\(text.shortened(to: 60))\", expected 1 to \(Limit.wordBytes) printable ASCII characters")
    }
  }

  /// Rules T1 and T2.
  func tensorEntries() throws(GriffinError) {
    var names: Set<ExactString> = []
    for tensor in manifest.tensors {
      let name = tensor.descriptor.name
      guard name.utf8.count <= Limit.tensorNameBytes else {
        throw failure(.unsafe, "a tensor's name has \(name.utf8.count) bytes, at most \(Limit.tensorNameBytes) are read")
      }
      guard let component = Component(ofName: name), name.utf8.count > component.prefix.utf8.count,
        name.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
      else {
        throw failure(
          .malformed, "expected a name of printable ASCII that begins with target/ or draft/", tensor: name.shortened())
      }
      guard manifest.holds(component) else {
        throw failure(.malformed, "the tensor belongs to the \(component.rawValue), which is null", tensor: name)
      }
      guard names.insert(ExactString(name)).inserted else {
        throw failure(.malformed, "two tensors have this name", tensor: name)
      }
    }
  }

  /// Rules A1 to A3; A4 is the content's.
  func attachmentEntries() throws(GriffinError) {
    // Names are compared as text, so that no two look alike.
    var names: Set<String> = []
    var byteCount = 0
    for (index, attachment) in manifest.attachments.enumerated() {
      guard let component = Component(ofName: attachment.name), manifest.holds(component) else {
        throw failure(
          .malformed,
          "attachments[\(index)].name is \"\(attachment.name.shortened())\", expected target/ or draft/, whichever is there, and a file name")
      }
      try fileName(String(attachment.name.dropFirst(component.prefix.count)), "attachments[\(index)].name")
      guard names.insert(attachment.name).inserted else {
        throw failure(.malformed, "two attachments are named \(attachment.name)")
      }
      guard attachment.byteCount <= Limit.attachmentBytes else {
        throw failure(
          .unsafe, "attachments[\(index)] holds \(attachment.byteCount) bytes, at most \(Limit.attachmentBytes) are read")
      }
      byteCount += attachment.byteCount
      guard byteCount <= Limit.allAttachmentBytes else {
        throw failure(.unsafe, "the attachments hold more than \(Limit.allAttachmentBytes) bytes together")
      }
    }
  }

  /// Rule A1 and V1: a name that stays in its folder, whatever the system.
  private func fileName(_ name: String, _ what: String) throws(GriffinError) {
    guard Manifest.isPlainFileName(name) else {
      throw failure(.unsafe, "\(what) holds \"\(name.shortened())\", expected a plain file name")
    }
  }

  /// Rules V1 and V2.
  func provenanceEntries() throws(GriffinError) {
    var names: Set<String> = []
    for (index, entry) in manifest.provenance.enumerated() {
      guard manifest.holds(entry.component) else {
        throw failure(.malformed, "provenance[\(index)].component is \(entry.component.rawValue), which is null")
      }
      try fileName(entry.file, "provenance[\(index)].file")
      guard names.insert(entry.component.prefix + entry.file).inserted else {
        throw failure(.malformed, "provenance names the file \(entry.file) twice")
      }
    }
  }

  /// Rule W1.
  func importanceEntries() throws(GriffinError) {
    for (index, entry) in manifest.importance.enumerated() {
      guard manifest.holds(entry.component) else {
        throw failure(.malformed, "importance[\(index)].component is \(entry.component.rawValue), which is null")
      }
      try fileName(entry.file, "importance[\(index)].file")
    }
  }

  /// Rule D1.
  func metadataEntries() throws(GriffinError) {
    for entry in manifest.metadata {
      if let problem = entry.problem { throw failure(.malformed, "metadata: \(problem)") }
    }
  }

  /// Rules P4 to P6, and A5.
  func payloadReferences() throws(GriffinError) {
    var tensorOf = [Int?](repeating: nil, count: manifest.payloads.count)
    for (index, tensor) in manifest.tensors.enumerated() {
      let descriptor = tensor.descriptor
      guard manifest.payloads.indices.contains(tensor.payload) else { throw noPayload(tensor.payload, tensor: descriptor.name) }
      let payload = manifest.payloads[tensor.payload]
      guard payload.byteCount == descriptor.byteCount else {
        throw failure(
          .malformed,
          "type \(descriptor.type) and shape \(descriptor.shape) make \(descriptor.byteCount) bytes, but its payload has \(payload.byteCount)",
          tensor: descriptor.name)
      }
      if let first = tensorOf[tensor.payload] {
        let other = manifest.tensors[first].descriptor
        guard other.type == descriptor.type, other.shape == descriptor.shape else {
          throw failure(
            .malformed, "it shares a payload with \(other.name), which has another type or shape", tensor: descriptor.name)
        }
      } else {
        tensorOf[tensor.payload] = index
      }
    }
    var isUsed = tensorOf.map { $0 != nil }
    for attachment in manifest.attachments {
      guard manifest.payloads.indices.contains(attachment.payload) else {
        throw noPayload(attachment.payload, attachment: attachment.name)
      }
      guard !isUsed[attachment.payload] else {
        throw failure(.malformed, "the attachment \(attachment.name) names payload \(attachment.payload), which is another's")
      }
      guard manifest.payloads[attachment.payload].byteCount <= Limit.frameBytes else {
        throw failure(.unsafe, "the frame of the attachment \(attachment.name) has more than \(Limit.frameBytes) bytes")
      }
      isUsed[attachment.payload] = true
    }
    if let orphan = isUsed.firstIndex(of: false) {
      throw failure(.malformed, "payloads[\(orphan)] belongs to no tensor and no attachment")
    }
  }

  private func noPayload(_ index: Int, tensor: String? = nil, attachment: String? = nil) -> GriffinError {
    failure(
      .malformed,
      (attachment.map { "the attachment \($0) " } ?? "it ") + "names payload \(index), but there are \(manifest.payloads.count)",
      tensor: tensor)
  }
}

extension Manifest {
  /// Whether a name is one path element on every system: not empty, not `.` or `..`, at most 255 bytes,
  /// without separators, control characters and drive colons.
  public static func isPlainFileName(_ name: String) -> Bool {
    guard !name.isEmpty, name != ".", name != "..", name.utf8.count <= BundleFormat.Limit.fileNameBytes else { return false }
    return name.unicodeScalars.allSatisfy { scalar in
      scalar.properties.generalCategory != .control && !["/", "\\", ":"].contains(scalar)
    }
  }
}

extension Manifest.Metadata {
  /// Why the entry cannot be in a manifest (rule D1), or nil.
  public var problem: String? {
    if key.isEmpty { return "a key is empty" }
    if key.utf8.count > BundleFormat.Limit.metadataKeyBytes {
      return "the key \"\(key.shortened(to: 40))\" has more than \(BundleFormat.Limit.metadataKeyBytes) bytes"
    }
    if key.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      return "the key \"\(key.shortened(to: 40))\" holds a control character"
    }
    if value.utf8.count > BundleFormat.Limit.metadataValueBytes {
      return "the value of \"\(key.shortened(to: 40))\" has more than \(BundleFormat.Limit.metadataValueBytes) bytes"
    }
    return nil
  }
}
