internal import Bundles
public import ByteStorage

/// A bundle in an OCI image layout, open: index and manifest read and checked, no layer read yet.
public struct ImageLayout: Sendable {
  private struct Part: Sendable {
    let file: InputFile
    let digest: SHA256Digest
    let offset: Int
  }

  private let path: String
  private let parts: [Part]
  private let digest: SHA256Digest
  /// Bytes of the bundle.
  public let bundleByteCount: Int
  /// The layers that are read.
  public var inputFiles: [InputFile] { parts.map(\.file) }

  /// Bytes of an index and of a manifest that are read, as registries bound them.
  private static let documentLimit = 4 << 20
  private static let limits = JSONLimits(bytes: documentLimit, depth: 16, values: 1 << 20, stringBytes: 1 << 20)
  private static let chunkByteCount = 1 << 20

  /// - Throws: `missing` where a file is not there, `malformed` where one is not what names it or breaks a rule of section 8 of
  ///   `formats/archive.md`, `inconsistent` where several models are in the layout, `unsupported` where it holds another kind of model.
  public init(path: String) throws(GriffinError) {
    let indexPath = FileSystem.path(path, ImageLayoutNames.indexFile)
    let layoutPath = FileSystem.path(path, ImageLayoutNames.layoutFile)
    let layout = try ImageLayout.document(ImageLayout.text(layoutPath), layoutPath)
    guard layout["imageLayoutVersion"]?.string == ImageLayoutNames.layoutVersion else {
      throw GriffinError(.unsupported, file: layoutPath, "expected an image layout of version \(ImageLayoutNames.layoutVersion)")
    }
    let index = try ImageLayout.document(ImageLayout.text(indexPath), indexPath)
    let images = (index["manifests"]?.array ?? []).filter { $0["mediaType"]?.string == ImageLayoutNames.manifest }
    guard images.count == 1, let image = images.first else {
      throw GriffinError(
        .inconsistent, file: indexPath, "the layout holds \(images.count) images, expected one", hints: ["copy one image into a layout of its own"])
    }
    let blob = try ImageLayout.blob(image, in: path, from: indexPath)
    let text = try ImageLayout.text(blob.file.path)
    guard SHA256Digest(of: text.rawBytes) == blob.digest else { throw ImageLayout.damage(blob.file) }
    let manifest = try ImageLayout.document(text, blob.file.path)
    guard manifest["artifactType"]?.string == ImageLayoutNames.artifact else {
      throw GriffinError(.unsupported, file: blob.file.path, "expected a model as ModelPack packs it, with the artifactType \(ImageLayoutNames.artifact)")
    }
    guard let named = manifest["annotations"]?[ImageLayoutNames.bundleDigest]?.string, let digest = SHA256Digest(hexadecimal: named) else {
      throw GriffinError(.unsupported, file: blob.file.path, "the image holds no bundle: the annotation \(ImageLayoutNames.bundleDigest) is missing")
    }
    var parts: [Part] = []
    var end = 0
    for layer in manifest["layers"]?.array ?? [] {
      guard let number = layer["annotations"]?[ImageLayoutNames.bundlePart] else { continue }
      guard number.string == String(parts.count), layer["mediaType"]?.string == ImageLayoutNames.weights else {
        throw GriffinError(.malformed, file: blob.file.path, "expected part \(parts.count) of the bundle as the next layer that is one")
      }
      let (file, digest) = try ImageLayout.blob(layer, in: path, from: blob.file.path)
      parts.append(Part(file: file, digest: digest, offset: end))
      guard let next = end.adding(file.byteCount) else {
        throw GriffinError(.malformed, file: blob.file.path, "the parts have more bytes than 64 bits count")
      }
      end = next
    }
    guard !parts.isEmpty else { throw GriffinError(.malformed, file: blob.file.path, "expected layers that are parts of a bundle, found none") }
    (self.path, self.parts, self.digest, bundleByteCount) = (path, parts, digest, end)
  }

  /// Makes the bundle again and gives it its name: layers are held against their digests, then the bundle against its own.
  /// - Returns: The bundle's digest.
  /// - Throws: `malformed` where anything is damaged or is no bundle; what reading and writing throw; `interrupted`.
  public func unpack(
    to output: OutputFile, threads: Int = Workers.processorCount, cancellation: Cancellation = Cancellation(),
    progress: ProgressMeter.Report? = nil
  ) throws(GriffinError) -> SHA256Digest {
    try output.reserve(byteCount: bundleByteCount)
    let meter = ProgressMeter(total: 2 * bundleByteCount, report: progress)
    try Workers.run(threads, jobs: parts.count, makeState: { ByteBuffer(byteCount: ImageLayout.chunkByteCount) }) {
      job, buffer throws(GriffinError) in
      let part = parts[job]
      var hasher = SHA256Hasher()
      try part.file.forEachChunk(of: 0..<part.file.byteCount, through: &buffer, cancellation: cancellation) {
        bytes, start throws(GriffinError) in
        hasher.update(bytes)
        try output.write(bytes, at: part.offset + start)
        meter.add(bytes.byteCount)
      }
      guard hasher.finalize() == part.digest else { throw ImageLayout.damage(part.file) }
      try part.file.checkUnchanged()
    }
    try check(output, threads, cancellation)
    meter.add(bundleByteCount)
    try output.commit()
    return digest
  }

  /// What was put together is opened as any bundle is, and checked whole.
  private func check(_ output: OutputFile, _ threads: Int, _ cancellation: Cancellation) throws(GriffinError) {
    do throws(GriffinError) {
      let bundle = try ModelBundle.open(path: output.partialPath)
      guard bundle.digest == digest else {
        throw GriffinError(.malformed, file: path, "the layers make the bundle \(bundle.digest), the manifest says \(digest)")
      }
      if let failure = try bundle.verifyPayloads(threads: threads, cancellation: cancellation).first {
        throw GriffinError(.malformed, file: path, tensor: failure.tensors.first, offset: failure.offset, failure.message)
      }
    } catch {
      var error = error
      if error.file == output.partialPath { error.file = path }
      throw error
    }
  }

  /// The file of a descriptor, of the size that it says.
  private static func blob(
    _ descriptor: JSONValue, in folder: String, from file: String
  ) throws(GriffinError) -> (file: InputFile, digest: SHA256Digest) {
    let named = descriptor["digest"]?.string ?? ""
    guard named.hasPrefix(ImageLayoutNames.digestPrefix),
      let digest = SHA256Digest(hexadecimal: String(named.dropFirst(ImageLayoutNames.digestPrefix.count)))
    else { throw GriffinError(.malformed, file: file, "expected a digest as sha256:…, found \"\(named.shortened().printable)\"") }
    let path = FileSystem.path(folder, "\(ImageLayoutNames.blobFolder)/\(digest.hexadecimal)")
    guard FileSystem.entry(at: path) != .other else { throw GriffinError(.unsafe, file: path, "expected a file, found a link or a device") }
    let blob = try InputFile(path: path)
    guard descriptor["size"]?.integer == blob.byteCount else {
      throw GriffinError(.malformed, file: path, "the file has \(blob.byteCount) bytes, another number than its descriptor says")
    }
    return (blob, digest)
  }

  private static func text(_ path: String) throws(GriffinError) -> [UInt8] {
    let buffer = try InputFile(path: path).contents(limit: documentLimit)
    return buffer.bytes.copied
  }

  private static func document(_ text: [UInt8], _ path: String) throws(GriffinError) -> JSONValue {
    try JSONValue.parse(text.rawBytes, limits: limits, file: path)
  }

  private static func damage(_ file: InputFile) -> GriffinError {
    GriffinError(.malformed, file: file.path, "its SHA-256 is not the one that names it: it is damaged", hints: ["get the image again"])
  }
}
