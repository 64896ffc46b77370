public import ByteStorage
public import SpeculativeDecoding

/// Where the time of a generation went.
public struct PhaseSeconds: Sendable, Hashable {
  /// The target's pass over the prompt.
  public var prompt: Double
  /// Plain decoding after it.
  public var plain: Double?
  /// The draft's pass over the prompt.
  public var draftPrompt: Double?
  /// Drafting trees.
  public var drafting: Double?
  /// The target's passes over trees.
  public var target: Double?

  /// - Parameter prompt: Seconds of the target's pass over it.
  public init(prompt: Double, plain: PlainRun? = nil, _ speculative: SpeculativeRun? = nil) {
    self.prompt = prompt
    self.plain = plain?.seconds
    guard let speculative, !speculative.cycles.isEmpty else { return }
    draftPrompt = speculative.draftPromptSeconds
    drafting = speculative.cycles.reduce(0) { $0 + $1.draftSeconds }
    target = speculative.cycles.reduce(0) { $0 + $1.targetSeconds }
  }

  /// The phases that there were, in seconds.
  public var document: JSONValue {
    var object: JSONObject = ["prompt": .number(prompt)]
    for (name, value) in [("plain", plain), ("draft_prompt", draftPrompt), ("drafting", drafting), ("target", target)] {
      if let value { object[name] = .number(value) }
    }
    return .object(object)
  }
}
