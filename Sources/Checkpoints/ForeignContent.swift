internal import ByteStorage

/// What a file that is not what its name says turns out to be.
///
/// Asked only where a file could not be read as what it should be, so that it never overrules a
/// well-formed one.
struct ForeignContent {
  private let description: String
  private let kind: GriffinError.Kind
  private let hints: [String]

  private init(_ description: String, _ kind: GriffinError.Kind = .malformed, hints: [String] = []) {
    (self.description, self.kind, self.hints) = (description, kind, hints)
  }

  /// The text that starts every pointer which Git LFS leaves in place of a file.
  private static let pointerPrefix = "version https://git-lfs.github.com/spec/"

  /// - Returns: nil where the content is of no kind that is known here.
  init?(_ bytes: RawSpan) {
    guard bytes.byteCount > 0 else {
      self.init("an empty file", hints: ["the download may have failed; get the file again"])
      return
    }
    let start = bytes.extracting(0..<min(bytes.byteCount, 512)).copied
    let text = String(decoding: start.drop { $0 <= 0x20 }, as: UTF8.self).lowercased()
    if text.hasPrefix(ForeignContent.pointerPrefix) {
      self.init(
        "a Git LFS pointer: the file itself was not downloaded", hints: ["run 'git lfs pull' in the folder, or download the file"])
    } else if ["<!doctype", "<html", "<?xml", "<head"].contains(where: text.hasPrefix) {
      self.init("an HTML page", hints: ["the download gave an error or log-in page; get the file again"])
    } else if let message = ForeignContent.hubMessage(bytes, text) {
      self.init(
        "an error text of a hub (\(message))",
        hints: ["the download was refused; log in or ask for access where the model is gated, and get the file again"])
    } else if start.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
      self.init("a zip archive, as torch.save writes it", hints: ["a PyTorch file is expected to be named .bin"])
    } else if start.count >= 2, start[0] == 0x80, (2...5).contains(start[1]) {
      self.init("a Python pickle", hints: ["a PyTorch file is expected to be named .bin"])
    } else if start.starts(with: Array("GGUF".utf8)) {
      self.init("a GGUF file", hints: ["a GGUF file is expected to be named .gguf"])
    } else if start.count > 8, start[8] == UInt8(ascii: "{"), start[4..<8].allSatisfy({ $0 == 0 }) {
      self.init("a safetensors file", hints: ["a safetensors file is expected to be named .safetensors"])
    } else if start.count >= 262, start[257..<262].elementsEqual("ustar".utf8) {
      self.init("a tar archive, as PyTorch wrote it before version 0.2", .unsupported, hints: ["save it anew with a current PyTorch"])
    } else if start.starts(with: [0x1F, 0x8B]) || start.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) || start.starts(with: [0xFD, 0x37, 0x7A]) {
      self.init("a compressed file", .unsupported, hints: ["unpack it first"])
    } else {
      return nil
    }
  }

  /// How texts begin that hubs give instead of a file.
  private static let hubMessages = [
    "entry not found", "repository not found", "revision not found", "invalid username or password", "access to model",
    "access to this model", "invalid credentials", "not found", "unauthorized", "forbidden", "temporary redirect",
    "internal error", "service unavailable", "429 too many requests", "{\"error\"",
  ]

  /// The first line of a short text that is one of theirs; nil for anything else.
  private static func hubMessage(_ bytes: RawSpan, _ start: String) -> String? {
    let start = start.hasPrefix("{") ? start.filter { !$0.isWhitespace } : start
    guard bytes.byteCount <= 4096, hubMessages.contains(where: start.hasPrefix) else { return nil }
    let whole = bytes.utf8Text ?? ""
    return (whole.split(whereSeparator: \.isNewline).first.map(String.init) ?? "").shortened(to: 80).printable
  }

  func error(file: String, expected: String) -> GriffinError {
    GriffinError(kind, file: file, offset: 0, "expected \(expected), found \(description)", hints: hints)
  }

  /// The error for a file that should hold a JSON object and starts like something else that is known.
  static func errorInPlaceOfJSON(_ file: InputFile, expected: String) -> GriffinError? {
    let bytes = file.bytes
    let start = bytes.extracting(0..<min(bytes.byteCount, 512)).copied
    if start.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") {
      // An object with an error and nothing that a model has.
      guard hubMessage(bytes, String(decoding: start.drop { $0 <= 0x20 }, as: UTF8.self).lowercased()) != nil,
        (try? JSONValue.parse(bytes, limits: .config))?.object?.members.count ?? 0 <= 2
      else { return nil }
    }
    return ForeignContent(bytes)?.error(file: file.path, expected: expected)
  }

  /// The error for a file that should hold text or data of its own and is a placeholder instead.
  static func placeholderError(_ file: InputFile, expected: String) -> GriffinError? {
    let bytes = file.bytes
    let start = bytes.extracting(0..<min(bytes.byteCount, pointerPrefix.utf8.count))
    guard start.equals(pointerPrefix.rawBytes) else { return nil }
    return ForeignContent(bytes)?.error(file: file.path, expected: expected)
  }
}
