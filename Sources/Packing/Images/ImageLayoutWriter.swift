public import Bundles
public import ByteStorage
internal import Tensors

/// Writes a bundle as an OCI image layout for registries, as ModelPack says (section 8 of `formats/archive.md`): `griffin pack --oci`.
public struct ImageLayoutWriter: Sendable {
  /// What was written.
  public struct Result: Sendable, Hashable {
    /// The digest that names the image.
    public let manifestDigest: SHA256Digest
    public let layerCount: Int
    /// Bytes of all blobs.
    public let byteCount: Int
  }

  /// A blob: bytes at hand, or a stretch of the bundle's file.
  private struct Blob: Sendable {
    enum Content: Sendable {
      case bytes([UInt8])
      case part(Range<Int>)
    }

    let mediaType: String
    let content: Content
    var annotations: JSONObject = [:]
    var digest = SHA256Digest(of: RawSpan())

    var byteCount: Int {
      switch content {
      case .bytes(let bytes): bytes.count
      case .part(let range): range.count
      }
    }

    var descriptor: JSONObject {
      var object: JSONObject = [
        "mediaType": .string(mediaType), "digest": .string(ImageLayoutNames.digestPrefix + digest.hexadecimal), "size": .integer(byteCount),
      ]
      if !annotations.isEmpty { object["annotations"] = .object(annotations) }
      return object
    }
  }

  private let bundle: ModelBundle
  private let name: String
  private let threads: Int
  private let cancellation: Cancellation

  private static let chunkByteCount = 1 << 20

  /// - Parameter name: What the bundle's file is called, in annotations.
  public init(_ bundle: ModelBundle, name: String, threads: Int, cancellation: Cancellation) throws(GriffinError) {
    guard Manifest.isPlainFileName(name) else {
      throw GriffinError(.usage, file: name, "the bundle's name is not one that other systems can have")
    }
    (self.bundle, self.name, self.threads, self.cancellation) = (bundle, name, threads, cancellation)
  }

  /// Writes the layout and gives it its name.
  /// - Parameter progress: Told of bytes checked, hashed and written, and in all.
  /// - Throws: `malformed` where the bundle is damaged; what reading and writing throw; `interrupted`.
  public func write(to folder: OutputFolder, progress: ProgressMeter.Report? = nil) throws(GriffinError) -> Result {
    let meter = ProgressMeter(total: 3 * bundle.file.byteCount, report: progress)
    try checkIntegrity(meter)
    let layers = try hashed(parts + attachments(), meter)
    let config = try hashed([Blob(mediaType: ImageLayoutNames.config, content: .bytes(configuration(layers)))], meter)[0]
    let manifest = try hashed([Blob(mediaType: ImageLayoutNames.manifest, content: .bytes(manifest(config, layers)))], meter)[0]
    var written: Set<SHA256Digest> = []
    let blobs = (layers + [config, manifest]).filter { written.insert($0.digest).inserted }
    var files: [OutputFile] = []
    for blob in blobs { files.append(try folder.file("\(ImageLayoutNames.blobFolder)/\(blob.digest.hexadecimal)")) }
    let outputs = files
    try Workers.run(threads, jobs: blobs.count, makeState: { ByteBuffer(byteCount: ImageLayoutWriter.chunkByteCount) }) {
      job, buffer throws(GriffinError) in
      try outputs[job].reserve(byteCount: blobs[job].byteCount)
      var offset = 0
      try read(blobs[job], &buffer) { bytes throws(GriffinError) in
        try outputs[job].write(bytes, at: offset)
        offset += bytes.byteCount
        if case .part = blobs[job].content { meter.add(bytes.byteCount) }
      }
      try outputs[job].commit()
    }
    try bundle.file.checkUnchanged()
    for (file, text) in [(ImageLayoutNames.indexFile, index(manifest)), (ImageLayoutNames.layoutFile, layoutText)] {
      try folder.file(file).write(whole: text.rawBytes)
    }
    try cancellation.check()
    try folder.commit()
    return Result(manifestDigest: manifest.digest, layerCount: layers.count, byteCount: blobs.reduce(0) { $0 + $1.byteCount })
  }

  /// What ships is vouched for.
  private func checkIntegrity(_ meter: ProgressMeter) throws(GriffinError) {
    let failures = try bundle.verifyPayloads(threads: threads, cancellation: cancellation)
    if let failure = failures.first { throw failure.refusal(of: bundle.file.path, deed: "packed") }
    meter.add(bundle.file.byteCount)
  }

  /// The bundle's file in parts that make it again one after the other: what comes before tensors, then each component's tensors, in
  /// parts of at most 4 GiB where payloads allow it.
  private var parts: [Blob] {
    let owners = bundle.manifest.tensors.reduce(into: [Int: Component]()) { owners, tensor in
      if owners[tensor.payload] == nil { owners[tensor.payload] = Component(ofName: tensor.descriptor.name) }
    }
    var cuts = [0]
    var owner: Component?
    for (index, payload) in bundle.manifest.payloads.enumerated() where payload.byteCount > 0 {
      if owners[index] != owner || payload.offset + payload.byteCount - cuts[cuts.count - 1] > 4 << 30 { cuts.append(payload.offset) }
      owner = owners[index]
    }
    cuts.append(bundle.file.byteCount)
    return zip(cuts, cuts.dropFirst()).filter { $0 < $1 }.enumerated().map { number, range in
      let digits = String(number)
      return Blob(
        mediaType: ImageLayoutNames.weights, content: .part(range.0..<range.1),
        annotations: [
          ImageLayoutNames.filePath: .string("\(name).\(String(repeating: "0", count: max(0, 3 - digits.count)))\(digits)"),
          ImageLayoutNames.bundlePart: .string(digits),
        ])
    }
  }

  /// Files that travel along, for who looks into a registry.
  private func attachments() throws(GriffinError) -> [Blob] {
    var blobs: [Blob] = []
    for attachment in bundle.manifest.attachments {
      let file = (attachment.name.split(separator: "/").last ?? "").lowercased()
      let isDocument = file.hasSuffix(".md") || ["readme", "license", "licence", "notice"].contains { file.hasPrefix($0) }
      blobs.append(
        Blob(
          mediaType: isDocument ? ImageLayoutNames.document : ImageLayoutNames.weightConfig,
          content: .bytes(try bundle.attachment(named: attachment.name) ?? []),
          annotations: [ImageLayoutNames.filePath: .string(attachment.name)]))
    }
    return blobs
  }

  private func hashed(_ blobs: [Blob], _ meter: ProgressMeter) throws(GriffinError) -> [Blob] {
    let results = Locked(blobs)
    try Workers.run(threads, jobs: blobs.count, makeState: { ByteBuffer(byteCount: ImageLayoutWriter.chunkByteCount) }) {
      job, buffer throws(GriffinError) in
      var hasher = SHA256Hasher()
      try read(blobs[job], &buffer) { bytes throws(GriffinError) in
        hasher.update(bytes)
        if case .part = blobs[job].content { meter.add(bytes.byteCount) }
      }
      let digest = hasher.finalize()
      results.withLock { $0[job].digest = digest }
    }
    return results.withLock { $0 }
  }

  private func read(
    _ blob: Blob, _ buffer: inout ByteBuffer, _ body: (RawSpan) throws(GriffinError) -> Void
  ) throws(GriffinError) {
    switch blob.content {
    case .bytes(let bytes): try body(bytes.rawBytes)
    case .part(let range):
      try bundle.file.forEachChunk(of: range, through: &buffer, cancellation: cancellation) { bytes, _ throws(GriffinError) in try body(bytes) }
    }
  }
}

extension ImageLayoutWriter {
  private func text(_ object: JSONObject) -> [UInt8] { Array(JSONValue.object(object).encoded().utf8) }

  private var layoutText: [UInt8] { text(["imageLayoutVersion": .string(ImageLayoutNames.layoutVersion)]) }

  private func index(_ manifest: Blob) -> [UInt8] {
    var descriptor = manifest.descriptor
    descriptor["artifactType"] = .string(ImageLayoutNames.artifact)
    descriptor["annotations"] = [ImageLayoutNames.tag: "latest"]
    return text(["schemaVersion": 2, "mediaType": .string(ImageLayoutNames.index), "manifests": .array([.object(descriptor)])])
  }

  private func manifest(_ config: Blob, _ layers: [Blob]) -> [UInt8] {
    text([
      "schemaVersion": 2, "mediaType": .string(ImageLayoutNames.manifest), "artifactType": .string(ImageLayoutNames.artifact),
      "config": .object(config.descriptor), "layers": .array(layers.map { .object($0.descriptor) }),
      "annotations": [
        ImageLayoutNames.bundleDigest: .string(bundle.digest.hexadecimal), ImageLayoutNames.title: .string(name),
      ],
    ])
  }

  /// ModelPack's configuration: what the model is called and how it is stored, and the digests of the layers.
  private func configuration(_ layers: [Blob]) -> [UInt8] {
    let manifest = bundle.manifest
    let parameters = (manifest.target?.parameters ?? 0) + (manifest.draft?.parameters ?? 0)
    var bytes: [ElementType: Int] = [:]
    for tensor in manifest.tensors { bytes[tensor.descriptor.type, default: 0] += tensor.descriptor.byteCount }
    let type = bytes.max { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }?.key
    var config: JSONObject = [
      "architecture": "transformer", "format": .string(BundleFormat.fileExtension), "paramSize": .string(ImageLayoutWriter.size(parameters)),
    ]
    if let type { config[type.category == .block ? "quantization" : "precision"] = .string(type.rawValue) }
    return text([
      "descriptor": [
        "name": .string(BundleFormat.title(ofFile: name)), "family": .string(manifest.target?.family ?? manifest.draft?.kind ?? ""),
      ],
      "modelfs": [
        "type": "layers", "diffIds": .array(layers.map { .string(ImageLayoutNames.digestPrefix + $0.digest.hexadecimal) }),
      ],
      "config": .object(config),
    ])
  }

  /// A count of parameters as ModelPack writes it: `8b`, `135m`.
  private static func size(_ parameters: Int) -> String {
    switch parameters {
    case 1_000_000_000...: "\((parameters + 500_000_000) / 1_000_000_000)b"
    case 1_000_000...: "\((parameters + 500_000) / 1_000_000)m"
    default: "\((parameters + 500) / 1000)k"
    }
  }
}
