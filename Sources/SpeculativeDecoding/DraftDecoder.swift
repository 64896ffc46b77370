internal import ByteStorage
package import LinearAlgebra
internal import Models

/// A draft model at work. One implementation a kind; the drafter knows no other side of it.
package protocol DraftDecoder: AnyObject {
  /// Rows in the draft's cache.
  var length: Int { get }

  /// Columns of the features that a pass regresses, and reads again.
  var featureWidth: Int { get }

  /// Target layers at whose input the residual stream makes the features of real text, side by side; empty where they are
  /// the target's last states after its final norm.
  var taps: [Int] { get }

  /// What the target's states go through first; nil in drafts whose target is as it was, and those that read taps.
  var adapter: FeatureAdapter? { get }

  /// Columns of the logits: the draft's own vocabulary.
  var outputWidth: Int { get }

  /// The target's token for a column of the logits.
  func token(ofOutput output: Int) -> Int

  /// Forgets the rows from `length` on.
  func truncate(to length: Int)

  /// One pass over pairs of a feature and the token that follows it; their keys and values join the cache. Of the target's own
  /// features `read` is the pass.
  ///
  /// - Parameters:
  ///   - features: `[tokens, featureWidth]`, or as wide as what the target's `taps` give.
  ///   - tokens: The token after each feature.
  ///   - positions: The position of each pair.
  ///   - visible: The cache rows that each pair sees, its own included.
  ///   - regressed: `[tokens, featureWidth]`, the features that the next pass continues from.
  func pass(
    features: borrowing Activations, tokens: [Int], positions: [Int], visible: [VisibleRows],
    regressed: inout Activations) throws

  /// The logits of the last pass's pair `row` and of those after it, `[pairs, outputWidth]`.
  func logits(from row: Int, into logits: inout Activations) throws
}

extension DraftDecoder {
  /// A pass over features that are the target's.
  package func read(
    features: borrowing Activations, tokens: [Int], positions: [Int], visible: [VisibleRows], regressed: inout Activations
  ) throws {
    guard let adapter else {
      return try pass(features: features, tokens: tokens, positions: positions, visible: visible, regressed: &regressed)
    }
    try adapter.withAdapted(features) {
      try pass(features: $0, tokens: tokens, positions: positions, visible: visible, regressed: &regressed)
    }
  }
}

/// What holds for drafts that read the target's last states and use its head.
extension DraftDecoder {
  package var taps: [Int] { [] }
  package func token(ofOutput output: Int) -> Int { output }
}

/// What a draft borrows from its target.
package struct DraftContext {
  let target: TargetDecoder
  let compute: Compute

  package init(target: TargetDecoder, compute: Compute) { (self.target, self.compute) = (target, compute) }
}

/// The decoders of the draft kinds: a line a kind.
enum DraftDecoders {
  private static let makers: [String: @Sendable (DraftModel, DraftContext) throws -> any DraftDecoder] = [
    "griffin": { try GriffinDraftDecoder($0, context: $1) },
    "eagle3": { try Eagle3DraftDecoder($0, context: $1) },
    "eagle": { try EagleDraftDecoder($0, context: $1) },
    "hass": { try EagleDraftDecoder($0, context: $1) },
  ]

  /// - Throws: `unsupported` for a kind that is known and not decoded.
  static func make(_ model: DraftModel, context: DraftContext) throws -> any DraftDecoder {
    guard let make = makers[model.kind.name] else {
      throw GriffinError(.unsupported, "drafts of kind \(model.kind.name) are not decoded by this version")
    }
    return try make(model, context)
  }
}
