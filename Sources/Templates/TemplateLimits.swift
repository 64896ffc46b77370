/// What reading and rendering a template may cost before it is refused.
public struct TemplateLimits: Sendable, Hashable {
  /// Bytes of the template.
  public var templateBytes = 1 << 20
  /// Pieces that its grammar sees.
  public var tokens = 1 << 17
  /// Statements and expressions inside of each other, as they are written.
  public var nesting = 100
  /// The same while rendering, where macros and loops call themselves.
  public var depth = 300
  /// Values inside of each other.
  public var valueDepth = 100
  /// Steps of the interpreter: one for every expression and statement, for every element of a list and every 32 bytes of text
  /// that it looks at or makes. They bound time and memory alike.
  public var steps = 4 << 20
  /// Bytes of the text that is made.
  public var outputBytes = 16 << 20
  /// Elements of a `range`.
  public var range = 100_000

  public static let standard = TemplateLimits()
}
