internal import ByteStorage
package import LinearAlgebra
internal import Models

/// A draft model at work. One implementation a kind; the drafter knows no other side of it.
package protocol DraftDecoder: AnyObject {
  /// Rows in the draft's cache.
  var length: Int { get }

  /// Columns of the features that a pass reads and regresses.
  var featureWidth: Int { get }

  /// Forgets the rows from `length` on.
  func truncate(to length: Int)

  /// One pass over pairs of a feature and the token that follows it; their keys and values join the cache.
  ///
  /// - Parameters:
  ///   - features: `[tokens, featureWidth]`.
  ///   - tokens: The token after each feature.
  ///   - positions: The position of each pair.
  ///   - visible: The cache rows that each pair sees, its own included.
  ///   - regressed: `[tokens, featureWidth]`, the features that the next pass continues from.
  func pass(
    features: borrowing Activations, tokens: [Int], positions: [Int], visible: [VisibleRows],
    regressed: inout Activations) throws

  /// The logits of the last pass's pair `row` and of those after it, `[pairs, vocab_size]`.
  func logits(from row: Int, into logits: inout Activations) throws
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
