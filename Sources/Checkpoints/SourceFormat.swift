internal import ByteStorage

/// A kind of thing that SRC can name. A new kind is one file that declares a constant, and one line in `all`.
struct SourceFormat: Sendable {
  /// What the user would call it: `a Hugging Face folder`.
  let description: String
  /// Whether `path` looks like this kind. The first that says so opens it, so its errors are about this kind.
  let recognizes: @Sendable (_ path: String, _ options: SourceOptions) -> Bool
  let open: @Sendable (_ path: String, _ options: SourceOptions) throws(GriffinError) -> Checkpoint

  static let all: [SourceFormat] = [
    .far,
    .folder,
    .gguf,
    .archive,
    .weightFile,
    .hub,
  ]
}
