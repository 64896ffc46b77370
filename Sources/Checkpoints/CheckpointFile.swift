public import ByteStorage

/// A file of a checkpoint and the name it goes by.
public struct CheckpointFile: Sendable {
  /// The plain name, without folder: what provenance and attachments are listed under.
  public let name: String
  public let file: InputFile

  public init(name: String, file: InputFile) { (self.name, self.file) = (name, file) }
}
