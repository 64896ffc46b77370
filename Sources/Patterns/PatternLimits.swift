/// What an expression may be before it is refused; no released tokenizer comes near.
public enum PatternLimits {
  /// Bytes of an expression.
  public static let bytes = 1 << 14
  /// Groups, classes and look-arounds within each other.
  public static let depth = 32
  /// Instructions that an expression becomes; counted repetitions are written out.
  public static let instructions = 1 << 14
}
