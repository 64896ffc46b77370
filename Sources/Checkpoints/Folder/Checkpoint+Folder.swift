internal import ByteStorage
internal import Tensors

extension Checkpoint {
  /// Weights that were opened, completed by what lies beside them in `folder`.
  init(
    path: String, folder: any FileFolder, source: any TensorSource, weightFiles: [CheckpointFile], warnings: [String]
  ) throws(GriffinError) {
    let configPath = folder.path(of: "config.json")
    guard try folder.kind(of: "config.json") != nil else {
      throw GriffinError(
        .missing, file: configPath, "expected the model's configuration beside its weights",
        hints: ["config.json is part of every Hugging Face repository"])
    }
    let attachments = try FolderAttachments(folder: folder)
    func contents(_ name: String) throws(GriffinError) -> JSONValue? {
      guard let attachment = attachments.files.first(where: { $0.name == name }) else { return nil }
      try attachment.file.requireAll(atMost: JSONLimits.config.bytes)
      if let error = ForeignContent.errorInPlaceOfJSON(attachment.file, expected: "a JSON object") { throw error }
      let value = try JSONValue.parse(attachment.file.bytes, limits: .config, file: attachment.file.path)
      guard value.object != nil else {
        throw GriffinError(.malformed, file: attachment.file.path, offset: 0, "expected a JSON object, found \(value.kindDescription)")
      }
      return value
    }
    guard let config = try contents("config.json") else {
      throw GriffinError(.unreadable, file: configPath, "expected a file of at most \(CheckpointLimits.attachmentBytes) bytes")
    }
    self.init(
      path: path, source: source, config: config, configPath: configPath, generationConfig: try contents("generation_config.json"),
      weightFiles: weightFiles, attachments: attachments.files, warnings: warnings + attachments.warnings)
  }
}
