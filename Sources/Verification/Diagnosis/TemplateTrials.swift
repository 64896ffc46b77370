internal import Bundles
internal import ByteStorage
internal import SpeculativeDecoding
internal import Statistics
internal import Templates
internal import Tokenization

/// Whether prompts are written as the draft was trained to see them: the same prompts in other formats.
struct TemplateTrials {
  let decoder: PairDecoder
  let settings: DecodeSettings
  /// What users said, first turns alone.
  let prompts: [String]
  let cancellation: Cancellation

  /// Prompts that are decoded in each format.
  static let promptCount = 4

  /// What trees make of the prompts: tokens over cycles by positions of the text, and cycles as they are.
  func acceptance(_ encoder: PromptEncoder) throws -> BlockedRatio {
    var ratio = BlockedRatio()
    for prompt in prompts.prefix(TemplateTrials.promptCount) {
      let ids = try encoder.encode(prompt)
      try decoder.prepare(prompt: ids, cancellation: cancellation)
      let run = try decoder.decodeSpeculatively(settings, cancellation: cancellation)
      ratio.add(CycleRecord.positions(of: run.cycles, promptLength: ids.count, length: run.ids.count))
    }
    return ratio
  }

  /// Tokens of a chain of drafts after every prefix of an answer, as `AcceptanceProbe` has them. Where little is accepted this takes a
  /// fraction of what trees take.
  /// - Parameter earlier: What the prompts before them gave, to go on from.
  func chains(_ encoder: PromptEncoder, over prompts: Range<Int>, after earlier: BlockedRatio = BlockedRatio()) throws -> BlockedRatio {
    var ratio = earlier
    for prompt in self.prompts[prompts.clamped(to: 0..<min(TemplateTrials.promptCount, self.prompts.count))] {
      let ids = try encoder.encode(prompt)
      try decoder.prepare(prompt: ids, cancellation: cancellation)
      let answer = try decoder.decodePlainly(settings, cancellation: cancellation).ids
      let text = try decoder.reading(of: ids + answer, cancellation: cancellation)
      let lengths = try decoder.following(text, cancellation: cancellation).lengths
      ratio.add(lengths.dropFirst(ids.count - 1).map { length in length.map { (x: Double(1 + $0), y: 1) } ?? (x: 0, y: 0) })
    }
    return ratio
  }

  /// Every format that the tokenizer can write, by the name that `--chat-template` takes; nil for the model's own.
  static func encoders(_ text: TextFiles, day: Day?) -> [(name: String?, encoder: PromptEncoder)] {
    let names: [String?] = [nil, ChatFormat.noneName] + ChatFormat.all.map(\.name)
    return names.compactMap { name in
      (try? text.encoder(PromptFormat.Request(name: name, day: day))).map { (name, $0) }
    }
  }
}
