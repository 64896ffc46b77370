internal import Bundles
internal import Models

/// Something that may be wrong with a pair, and the pair with that taken away.
struct Suspect {
  /// How much a suspect says: of several that explain as much, the most telling counts.
  enum Precision: Int, Sendable, Comparable {
    case half, group, tensors, exact

    static func < (left: Precision, right: Precision) -> Bool { left.rawValue < right.rawValue }
  }

  let kind: String
  /// What is wrong, if the experiment shows that it is.
  let cause: String
  let remedy: String
  let half: Component
  let precision: Precision
  /// What it touches: plain names of tensors and parts of the configuration. Of two findings about the same the second is left out.
  var parts: Set<String> = []
  /// Weights that taking it away moves or scales, one by one.
  var movedWeights = 0
  /// Makes the pair without it; nil where it does not apply.
  let repaired: () throws -> PairModels?
  /// Makes the source with it, where there is a source.
  var spoiled: (() throws -> PairModels?)?
}
