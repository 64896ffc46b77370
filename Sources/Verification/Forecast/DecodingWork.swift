/// What a verification spends its time on.
public enum DecodingWork: Int, Sendable, Hashable, CaseIterable {
  /// Tokens decoded one by one.
  case plain
  /// Tokens decoded with the draft.
  case speculative
  /// Tokens of text on which misaligned tokens are counted.
  case misalignment
  /// Tokens of text on which two targets are compared.
  case comparison
}
