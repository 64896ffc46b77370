public import Conversion
public import SpeculativeDecoding

/// What to verify of a bundle beside its digests.
public struct VerificationRequest: Sendable {
  /// A prompt to decode both ways.
  public struct Prompt: Sendable {
    public let name: String
    public let ids: [Int]

    public init(name: String, ids: [Int]) { (self.name, self.ids) = (name, ids) }
  }

  /// Traces to hold the bundle against, each with the name that the report gives it.
  public var traces: [(label: String, trace: DecodeTrace)] = []
  /// Prompts to decode; nil means the built-in ones, unless there are traces.
  public var prompts: [Prompt]?
  /// How prompts are decoded; traces carry their own settings. Stop tokens nil means the model's.
  public var settings: DecodeSettings
  /// Whether prompts are drafted as deep as the draft's kind usually is, whatever `settings` says.
  public var usesDefaultDepth = false
  /// Check digests and nothing else.
  public var integrityOnly = false
  /// The target of a bundle that holds a draft alone.
  public var target: ModelSource.Target?
  /// Text to measure misaligned tokens and fidelity on, each at least two ids; empty means the prompts with what was decoded.
  public var texts: [[Int]] = []
  /// The pair to hold the bundle against.
  public var against: ModelSource.Pair?
  /// `NAME=VALUE`, each replacing a default tolerance of `against`.
  public var tolerances: [String] = []
  /// The least acceptance length that passes.
  public var minimumAcceptance: Double?
  /// Tests that speculative sampling draws from the target's distribution.
  public var sampling: (settings: SamplingSettings, draws: Int)?

  public init(settings: DecodeSettings = DecodeSettings()) { self.settings = settings }
}
