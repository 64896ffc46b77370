public import Bundles
internal import ByteStorage
public import Conversion
public import SpeculativeDecoding
public import Tokenization

/// What to verify of a bundle beside its digests.
public struct VerificationRequest: Sendable {
  /// Traces to hold the bundle against, each with the name that the report gives it.
  public var traces: [(label: String, trace: DecodeTrace)] = []
  /// Prompts to decode; nil means the built-in ones, unless there are traces.
  public var prompts: [Prompt]?
  /// Whether all built-in prompts are decoded, after `prompts`.
  public var usesAllBuiltinPrompts = false
  /// How prompts as text are written.
  public var promptFormat = PromptFormat.Request()
  /// How prompts are decoded; traces carry their own settings. Stop tokens nil means the model's.
  public var settings: DecodeSettings
  /// Whether prompts are drafted as deep as the draft's kind usually is, whatever `settings` says.
  public var usesDefaultDepth = false
  /// Check digests and nothing else.
  public var integrityOnly = false
  /// The signature to check, and the key that it must be of; nil where none is asked for.
  public var signature: SignatureClaim?
  /// The target of a bundle that holds a draft alone.
  public var target: ModelSource.Target?
  /// Text to measure misaligned tokens and fidelity on, each at least two ids; empty means the prompts with what was decoded.
  public var texts: [[Int]] = []
  /// The same as text, which the bundle's tokenizer encodes.
  public var plainTexts: [String] = []
  /// The pair to hold the bundle against.
  public var against: ModelSource.Pair?
  /// `NAME=VALUE`, each replacing a default tolerance of `against`.
  public var tolerances: [String] = []
  /// Whether prompts are added until the comparison with `against` is decided.
  public var untilDecided = false
  /// Tokens of text at which that ends.
  public var maximumTokens = 32_768
  /// The least acceptance length that passes.
  public var minimumAcceptance: Double?
  /// The part of prompts and texts that is verified here; nil verifies all. Of a part nothing is judged but what was decoded.
  public var share: Share?
  /// What parts recorded, which together is everything; empty decodes here.
  public var merged: [ShareRecord] = []
  /// Tests that speculative sampling draws from the target's distribution.
  public var sampling: (settings: SamplingSettings, draws: Int)?

  public init(settings: DecodeSettings = DecodeSettings()) { self.settings = settings }
}
