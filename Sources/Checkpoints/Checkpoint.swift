public import ByteStorage
public import Tensors

/// What somebody released, opened: tensors under the names they were released with, the
/// configuration, and the files that travel along.
///
/// ```swift
/// let checkpoint = try Checkpoint.open(path: "Llama-2-7b-chat-hf")
/// for tensor in checkpoint.source.tensors { print(tensor.name, tensor.type, tensor.shape) }
/// ```
public struct Checkpoint: Sendable {
  /// What the user named.
  public var path: String
  /// Every tensor of every weight file.
  public var source: any TensorSource
  /// The contents of `config.json`: an object.
  public var config: JSONValue
  /// The file that `config` was read from, for messages.
  public var configPath: String
  /// The contents of `generation_config.json`: an object.
  public var generationConfig: JSONValue?
  /// The files that hold the tensors, in the order of their names.
  public var weightFiles: [CheckpointFile]
  /// Configuration, tokenizer, chat template, licence and model card, in the order of their names.
  public var attachments: [CheckpointFile]
  /// What the user should know and nothing fails for, a line each.
  public var warnings: [String]
  /// The archive that all of these files were unpacked from, if they were.
  public var archive: InputFile? = nil

  /// Opens what a SRC argument names.
  ///
  /// Headers and small files are read and checked; payloads are not touched.
  /// - Parameter options: Where names that are no paths are looked up.
  /// - Throws: `missing` where nothing is there or a part is not, and what the format's reader throws.
  public static func open(path: String, options: SourceOptions = SourceOptions()) throws(GriffinError) -> Checkpoint {
    for format in SourceFormat.all where format.recognizes(path, options) { return try format.open(path, options) }
    throw GriffinError(
      .missing, file: path,
      FileSystem.kind(of: path) == nil ? "no such file or folder" : "expected a file or a folder, found a pipe, a device or a socket",
      hints: ["expected \(SourceFormat.all.map(\.description).joined(separator: ", or "))"])
  }

  /// - Throws: `changed` where a weight file is no longer what it was when it was opened.
  public func checkUnchanged() throws(GriffinError) {
    for weights in weightFiles { try weights.file.checkUnchanged() }
  }
}
