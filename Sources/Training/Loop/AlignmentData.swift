internal import SpeculativeDecoding

/// What a draft learns from, and what its acceptance is measured on; ids all of it.
public struct AlignmentData: Sendable {
  /// Prompts whose answers the target writes, or texts that are learned from as they are.
  public enum Kind: String, Sendable, Hashable {
    case prompts, texts
  }

  public let kind: Kind
  /// What is learned from.
  let training: [[Int]]
  /// Prompts by which the best state is chosen, and by which it is judged.
  let validation, test: [[Int]]

  /// Tokens of a text that are a prompt where it is measured on.
  private static let promptTokens = 24

  /// The least number of prompts or texts.
  public static let minimum = 8

  /// - Parameters:
  ///   - items: At least `minimum`.
  ///   - seed: By which they are shuffled before some are held out.
  ///   - heldOut: Prompts, or starts of texts, by which the best state is chosen, at most; as many judge it. A fifth of the items at most.
  public init(_ kind: Kind, _ items: [[Int]], seed: UInt64, heldOut limit: Int = TrainingSettings.heldOutLimit) {
    precondition(items.count >= AlignmentData.minimum, "too few to hold some out")
    var generator = SplitMix64(seed: seed ^ 0x616C_6967_6E)
    let shuffled = AlignmentData.shuffled(items, &generator)
    let heldOut = min(max(items.count / 5, 2), limit)
    func prompts(_ range: Range<Int>) -> [[Int]] {
      shuffled[range].map { kind == .prompts ? $0 : Array($0.prefix(AlignmentData.promptTokens)) }
    }
    self.kind = kind
    validation = prompts(0..<heldOut)
    test = prompts(heldOut..<2 * heldOut)
    training = Array(shuffled[(2 * heldOut)...])
  }

  /// Fisher and Yates, with a generator that is the same everywhere.
  static func shuffled<Element>(_ items: [Element], _ generator: inout SplitMix64) -> [Element] {
    var items = items
    for index in stride(from: items.count - 1, to: 0, by: -1) { items.swapAt(index, Int(generator.next() % UInt64(index + 1))) }
    return items
  }
}
