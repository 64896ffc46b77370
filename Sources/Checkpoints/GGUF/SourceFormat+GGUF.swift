internal import ByteStorage
internal import Tensors

extension SourceFormat {
  /// A GGUF file, or the first of a split.
  static let gguf = SourceFormat(
    description: "a .gguf file",
    recognizes: { path, _ in FileSystem.kind(of: path) == .file && (path.lowercased().hasSuffix(".gguf") || isBlob(path)) }
  ) { path, _ throws(GriffinError) in
    let (folder, name) = FileSystem.split(path)
    // The path as it was given is what messages name.
    return try gguf(try GGUFParts(name, in: DiskFolder(path.contains("/") ? folder : "")), path)
  }

  /// A model in GGUF whose files are open.
  static func gguf(_ parts: GGUFParts, _ path: String) throws(GriffinError) -> Checkpoint {
    let metadata = parts.first.metadata
    let parameters = try GGUFHyperParameters(GGUFArchitecture.of(metadata), metadata)
    let source: any TensorSource = parts.files.count == 1 ? parts.first : CombinedSource(parts.files)
    let tensors = try GGUFTensors(source, parameters, file: path)
    try checkBlocks(source, metadata)
    let vocabularySize = try vocabularySize(tensors, metadata, path)
    let configuration = try GGUFConfiguration(
      parameters, metadata, vocabularySize: vocabularySize,
      headRows: tensors.descriptor(ofFileName: "output.weight")?.shape.dimensions[0],
      ropeFactors: try tensors.ropeFactors.map { index throws(GriffinError) in
        try ropeFactors(source, index, count: parameters.headDimension / 2, file: path)
      })
    let strays = try metadata.strayTokens(vocabularySize: vocabularySize)
    let tokenizer = try GGUFTokenizer(metadata, vocabularySize: vocabularySize)
    var files = tokenizer.files
    files["config.json"] = configuration.config.fileBytes
    if let generation = configuration.generation { files["generation_config.json"] = generation.fileBytes }
    var attachments: [CheckpointFile] = []
    for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
      attachments.append(CheckpointFile(name: name, file: try InputFile(standingIn: bytes, path: path)))
    }
    return Checkpoint(
      path: path, source: GGUFSource(tensors.views, of: source), config: .object(configuration.config), configPath: path,
      generationConfig: configuration.generation.map { .object($0) },
      weightFiles: parts.files.map { CheckpointFile(name: FileSystem.split($0.file.path).name, file: $0.file) },
      attachments: attachments, warnings: strays + tokenizer.warnings)
  }

  /// Rows of the embedding; of a draft without one, tokens of the tokenizer.
  private static func vocabularySize(_ tensors: GGUFTensors, _ metadata: GGUFMetadata, _ path: String) throws(GriffinError) -> Int {
    if let embedding = tensors.descriptor(ofFileName: "token_embd.weight") { return embedding.shape.dimensions[0] }
    let key = "tokenizer.ggml.tokens"
    guard tensors.isDraft, let count = metadata[key]?.elements?.count else {
      throw GriffinError(
        .inconsistent, file: path, tensor: "token_embd.weight",
        "the token embedding is missing" + (tensors.isDraft ? ", and so is \(key), which says how many the target has" : "; a model needs it"))
    }
    return count
  }

  /// Whether a file without a name of its own, as `sha256-...` of a cache is, begins as GGUF does. What is named otherwise is
  /// what its name says, or its reader says what it is instead.
  private static func isBlob(_ path: String) -> Bool {
    let (_, name) = FileSystem.split(path)
    guard !name.contains("."), let file = try? InputFile(path: path) else { return false }
    return file.bytes.littleEndian(UInt32.self, at: 0) == GGUFHeader.magic
  }

  /// - Throws: `unsupported` for blocks laid out as they were before GGUF.
  private static func checkBlocks(_ source: any TensorSource, _ metadata: GGUFMetadata) throws(GriffinError) {
    let key = "general.quantization_version"
    guard let version = try metadata.integer(key), version != 2, let tensor = source.tensors.first(where: { $0.type.category == .block })
    else { return }
    throw GriffinError(
      .unsupported, file: metadata.file.path, tensor: tensor.name, offset: metadata[key]?.offset,
      "\(key) is \(version); blocks of version 2 are read")
  }

  /// The values of `rope_freqs.weight`.
  private static func ropeFactors(
    _ source: any TensorSource, _ index: Int, count: Int, file: String
  ) throws(GriffinError) -> [Float] {
    let tensor = source.tensors[index]
    func error(_ message: String) -> GriffinError { GriffinError(.inconsistent, file: file, tensor: tensor.name, message) }
    guard tensor.type == .f32, tensor.shape.dimensions == [count] else {
      throw error("expected the \(count) factors of rotary frequencies as f32, found \(tensor.type) \(tensor.shape)")
    }
    var buffer = ByteBuffer(byteCount: tensor.byteCount)
    do {
      var bytes = buffer.mutableBytes
      try source.read(index, at: 0, into: &bytes)
    } catch let error as GriffinError {
      throw error
    } catch let problem {
      throw error("\(problem)")
    }
    let factors = (0..<count).map { Float(bitPattern: buffer.bytes.littleEndian(UInt32.self, at: 4 * $0) ?? 0) }
    guard factors.allSatisfy({ $0.isFinite && $0 > 0 }) else { throw error("a factor of rotary frequencies is not a positive number") }
    return factors
  }
}
