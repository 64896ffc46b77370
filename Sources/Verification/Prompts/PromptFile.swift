public import ByteStorage

/// A file of prompts as benchmarks publish them, or as anybody writes them.
///
/// JSON lines: one object a line, with `prompt_ids` (token ids), `prompt` (HumanEval), `question` (GSM8K) or `turns`
/// (MT-Bench); the first of these that is there counts. Anything else is plain text, a prompt a line. Empty lines are
/// passed over.
public enum PromptFile {
  private static let maximumBytes = 64 << 20
  private static let maximumPrompts = 1_000_000

  /// - Throws: `missing` or `unreadable`; `malformed` with the place where a line is not what it should be.
  public static func read(path: String) throws(GriffinError) -> [VerificationRequest.Prompt] {
    let file = try InputFile(path: path)
    guard file.byteCount <= maximumBytes else {
      throw GriffinError(.unsafe, file: path, "the file has \(file.byteCount) bytes; at most \(maximumBytes) are read")
    }
    let bytes = file.bytes.copied
    guard !bytes.starts(with: [0x1F, 0x8B]), !bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) else {
      throw GriffinError(.unsupported, file: path, "the file is compressed", hints: ["unpack it first: gunzip, unzstd"])
    }
    var prompts: [VerificationRequest.Prompt] = []
    var isLines: Bool?
    for (line, content) in TextLines.filled(bytes) {
      let first = bytes[content].first { $0 != 0x20 && $0 != 0x09 }
      isLines = isLines ?? (first == UInt8(ascii: "{"))
      guard prompts.count < maximumPrompts else {
        throw GriffinError(.unsafe, file: path, offset: content.lowerBound, "the file has more than \(maximumPrompts) prompts")
      }
      prompts.append(
        isLines == true
          ? try object(bytes, content, file: path, line: line) : try text(bytes, content, file: path, line: line))
    }
    guard !prompts.isEmpty else { throw GriffinError(.malformed, file: path, "the file holds no prompts") }
    return prompts
  }

  private static func text(
    _ bytes: [UInt8], _ range: Range<Int>, file: String, line: Int
  ) throws(GriffinError) -> VerificationRequest.Prompt {
    guard let text = bytes.rawBytes.extracting(range).utf8Text else {
      throw GriffinError(.malformed, file: file, offset: range.lowerBound, "line \(line) is not valid UTF-8")
    }
    return VerificationRequest.Prompt(name: "line \(line)", turns: [text])
  }

  private static func object(
    _ bytes: [UInt8], _ range: Range<Int>, file: String, line: Int
  ) throws(GriffinError) -> VerificationRequest.Prompt {
    var reader = JSONReader(
      bytes.rawBytes.extracting(range), limits: .config, file: file, baseOffset: range.lowerBound)
    let value = try reader.readValue()
    try reader.finish()
    func failure(_ message: String) -> GriffinError {
      GriffinError(.malformed, file: file, offset: range.lowerBound, "line \(line): \(message)")
    }
    let name =
      ["name", "task_id", "question_id", "id"].lazy.compactMap { key in
        value[key]?.string ?? value[key]?.integer.map { "\(key) \($0)" }
      }.first ?? "line \(line)"
    if let list = value["prompt_ids"] {
      guard let elements = list.array, !elements.isEmpty else { throw failure("prompt_ids is no list of token ids") }
      var ids: [Int] = []
      for element in elements {
        guard let id = element.integer, id >= 0 else { throw failure("prompt_ids is no list of token ids") }
        ids.append(id)
      }
      return VerificationRequest.Prompt(name: name, ids: ids)
    }
    if let text = value["prompt"]?.string ?? value["question"]?.string {
      return VerificationRequest.Prompt(name: name, turns: [text])
    }
    if let list = value["turns"]?.array {
      var turns: [String] = []
      for element in list {
        guard let text = element.string else { throw failure("turns is no list of texts") }
        turns.append(text)
      }
      guard !turns.isEmpty else { throw failure("turns is empty") }
      return VerificationRequest.Prompt(name: name, turns: turns)
    }
    throw failure("expected an object with prompt_ids, prompt, question or turns")
  }
}
