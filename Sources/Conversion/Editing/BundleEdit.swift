public import Bundles
public import ByteStorage
internal import Templates

/// Changes to a bundle that leave its tensors as they are: remarks, the chat template, files that travel along.
public struct BundleEdit: Sendable {
  /// Remarks to set, in place of those of the same names.
  public var remarks: [Manifest.Metadata] = []
  /// Names of remarks to take away.
  public var removed: [String] = []
  /// Files to add, in place of those of the same names, such as `target/README.md`.
  public var files: [(name: String, contents: FileContents)] = []

  /// What came of it.
  public struct Outcome: Sendable {
    public let digest: SHA256Digest
    public let previousDigest: SHA256Digest
    public let byteCount: Int
    /// Whether the tensors stayed where they were on disk.
    public let isInPlace: Bool
    public let warnings: [String]
  }

  /// The file that a chat template is kept in, whatever else holds one.
  public static let chatTemplateName = "chat_template.jinja"

  public init() {}

  /// A file to attach, as a user names it: `FILE`, or `target=FILE` and `draft=FILE`.
  /// - Throws: What opening it throws.
  public static func file(_ text: String, in bundle: ModelBundle) throws(GriffinError) -> (name: String, contents: FileContents) {
    let parts = text.split(separator: "=", maxSplits: 1)
    let named = parts.count == 2 ? Component(rawValue: String(parts[0])) : nil
    let path = named == nil ? text : String(parts[1])
    let component = named ?? (bundle.manifest.target == nil ? .draft : .target)
    return (component.prefix + FileSystem.split(path).name, .file(try InputFile(path: path)))
  }

  /// A chat template to keep.
  /// - Throws: `usage` where the bundle holds no target; `malformed`, `unsupported` or `unsafe` where the template is none that can
  ///   be rendered; what reading it throws.
  public static func chatTemplate(path: String, in bundle: ModelBundle) throws(GriffinError) -> (name: String, contents: FileContents) {
    guard bundle.manifest.target != nil else {
      throw GriffinError(.usage, file: bundle.file.path, "the bundle holds a draft alone; a chat template is a target's")
    }
    let file = try InputFile(path: path)
    guard file.byteCount <= BundleFormat.Limit.attachmentBytes else {
      throw GriffinError(.unsafe, file: path, "the file has \(file.byteCount) bytes; it is no chat template")
    }
    let buffer = try FileContents.file(file).read()
    guard let text = buffer.bytes.utf8Text else { throw GriffinError(.malformed, file: path, "the chat template is not valid UTF-8") }
    do throws(GriffinError) {
      _ = try ChatTemplate(text)
    } catch {
      throw error.located(file: path)
    }
    return (Component.target.prefix + chatTemplateName, .bytes(Array(text.utf8)))
  }

  /// Changes a bundle: in place where what is new fits before the first tensor, else by writing the file anew and giving it the name.
  ///
  /// - Parameters:
  ///   - threads: Threads that copy where the file is written anew.
  ///   - progress: Told of bytes copied and in all, then.
  /// - Throws: `usage` for a remark to remove that is not there, and for what a manifest cannot hold; `malformed`, `inconsistent` or
  ///   `unsafe` where the tokenizer that the bundle would have is damaged; `space`, `io`, `exists`, `interrupted`. The bundle is then
  ///   what it was.
  public func apply(
    to path: String, threads: Int, cancellation: Cancellation, progress: ProgressMeter.Report? = nil
  ) throws(GriffinError) -> Outcome {
    let bundle = try ModelBundle.open(path: path)
    let (manifest, frames) = try changed(bundle)
    let warnings = try check(bundle)
    if manifest == bundle.manifest {
      return Outcome(
        digest: bundle.digest, previousDigest: bundle.digest, byteCount: bundle.file.byteCount, isInPlace: true, warnings: warnings)
    }
    try manifest.validate(file: nil)
    try cancellation.check()
    if let byteCount = BundleStart.byteCount(of: bundle),
      let head = BundleStart(manifest, frames: frames, byteCount: byteCount, fileByteCount: bundle.file.byteCount)
    {
      try PatchedFile(path: path).replaceStart(by: head.bytes.bytes)
      return Outcome(
        digest: head.digest, previousDigest: bundle.digest, byteCount: bundle.file.byteCount, isInPlace: true, warnings: warnings)
    }
    let rewriting = try BundleRewriting(bundle, manifest, frames: frames)
    let digest = try rewriting.run(threads: threads, cancellation: cancellation, progress: progress)
    return Outcome(
      digest: digest, previousDigest: bundle.digest, byteCount: rewriting.plan.fileByteCount, isInPlace: false, warnings: warnings)
  }

  /// The manifest as it is to be, attachments first, and the attachments' frames.
  private func changed(_ bundle: ModelBundle) throws(GriffinError) -> (Manifest, frames: [[UInt8]]) {
    let old = bundle.manifest
    var manifest = old
    for key in removed where !old.metadata.contains(where: { $0.key.hasSameBytes(as: key) }) {
      throw GriffinError(
        .usage, file: bundle.file.path, "there is no metadata key \(key.shortened(to: 40)) to remove",
        hints: old.metadata.isEmpty ? [] : ["there are \(old.metadata.map(\.key).prefix(8).joined(separator: ", ").shortened(to: 200))"])
    }
    let replaced = removed + remarks.map(\.key)
    manifest.metadata.removeAll { entry in replaced.contains { $0.hasSameBytes(as: entry.key) } }
    manifest.metadata = try ConversionInputs.sorted(manifest.metadata + remarks)

    var entries: [(attachment: Manifest.Attachment, frame: [UInt8], digest: SHA256Digest)] = []
    for attachment in old.attachments where !files.contains(where: { $0.name.hasSameBytes(as: attachment.name) }) {
      let payload = old.payloads[attachment.payload]
      var frame = ByteBuffer(byteCount: payload.byteCount)
      var bytes = frame.mutableBytes
      try bundle.file.read(at: payload.offset, into: &bytes)
      entries.append((attachment, frame.bytes.copied, payload.digest))
    }
    for file in files {
      guard let component = Component(ofName: file.name), old.holds(component) else {
        throw GriffinError(.usage, file: bundle.file.path, "the bundle holds no component for \(file.name.shortened(to: 80))")
      }
      let plain = String(file.name.dropFirst(component.prefix.count))
      let packed = try PackedAttachment(ConversionComponent.Attachment(name: plain, contents: file.contents), of: component)
      let attachment = Manifest.Attachment(name: packed.name, byteCount: packed.byteCount, digest: packed.digest, payload: 0)
      entries.append((attachment, packed.frame, packed.frameDigest))
    }
    entries.sort { left, right in
      let isTarget = (left.attachment.name.hasPrefix(Component.target.prefix), right.attachment.name.hasPrefix(Component.target.prefix))
      if isTarget.0 != isTarget.1 { return isTarget.0 }
      return left.attachment.name.utf8.lexicographicallyPrecedes(right.attachment.name.utf8)
    }
    let attached = Set(old.attachments.map(\.payload))
    let kept = old.payloads.indices.filter { !attached.contains($0) }
    manifest.attachments = entries.enumerated().map { index, entry in
      var attachment = entry.attachment
      attachment.payload = index
      return attachment
    }
    manifest.payloads =
      entries.map { Manifest.Payload(offset: 0, byteCount: $0.frame.count, digest: $0.digest) } + kept.map { old.payloads[$0] }
    let places = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, entries.count + $0) })
    for index in manifest.tensors.indices { manifest.tensors[index].payload = places[old.tensors[index].payload] ?? 0 }
    // Attachments that are what they were keep their places, so that nothing to change is seen as that.
    if manifest.attachments == old.attachments { manifest.payloads = old.payloads }
    return (manifest, entries.map(\.frame))
  }

  /// What the text side says with the files as they will be.
  private func check(_ bundle: ModelBundle) throws(GriffinError) -> [String] {
    guard files.contains(where: { $0.name.hasPrefix(Component.target.prefix) }) else { return [] }
    let text = try TextFiles(label: bundle.file.path) { (name) throws(GriffinError) -> [UInt8]? in
      let full = Component.target.prefix + name
      if let file = files.last(where: { $0.name.hasSameBytes(as: full) }) {
        let buffer = try file.contents.read()
        return buffer.bytes.copied
      }
      return try bundle.attachment(named: full)
    }
    if let problem = text.problem, problem.kind != .unsupported { throw problem }
    return text.warnings
  }
}

extension BundleEdit {
  /// Ends a change that was broken off: puts back what was there, or takes note that the change had been made.
  /// - Returns: A line on what was done; nil where nothing was broken off.
  /// - Throws: `malformed` where what was kept is not of this bundle; what reading and writing throw.
  public static func recover(_ path: String) throws(GriffinError) -> String? {
    let undoPath = path + PatchedFile.undoSuffix
    guard FileSystem.kind(of: undoPath) == .file else { return nil }
    let patched = try PatchedFile(path: path)
    if isWhole(path) {
      FileSystem.remove(undoPath)
      return "\(path): an earlier edit was broken off after its last byte; it stands".printable
    }
    let (undo, file) = (try InputFile(path: undoPath), try InputFile(path: path))
    let old = try FileContents.file(undo).read()
    guard BundleStart.isStart(old.bytes, fileByteCount: file.byteCount, file: undoPath) else {
      throw GriffinError(
        .malformed, file: undoPath, "it is not what \(path.printable) had before an edit",
        hints: ["if it is of something else, move it away"])
    }
    try patched.restore(old.bytes)
    return "\(path): an earlier edit was broken off; what was there before is back".printable
  }

  /// Whether header, manifest and attachments of a bundle are right.
  private static func isWhole(_ path: String) -> Bool {
    guard let bundle = try? ModelBundle.open(path: path) else { return false }
    return bundle.manifest.attachments.allSatisfy { (try? bundle.attachment(named: $0.name)) ?? nil != nil }
  }
}
