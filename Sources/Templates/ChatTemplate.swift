public import ByteStorage

/// A model's own way to write a conversation: a Jinja template, read once and rendered as often as wanted.
///
/// Nothing in a template is executed by anything but this interpreter, which can make text and reach nothing: no file, no
/// environment, no clock, no attribute beyond the values it is given. What it may cost is bounded by `TemplateLimits`.
///
/// - Source: Jinja 3.1 as Hugging Face's transformers sets it up (`trim_blocks`, `lstrip_blocks`, loop controls, `generation`
///   blocks, `tojson` that escapes nothing); see `formats/chat-templates.md`.
public struct ChatTemplate: Sendable {
  private let statements: [Statement]
  /// Whether the template asks for the day.
  public let asksForDay: Bool
  private let limits: TemplateLimits

  /// - Throws: `malformed` where it is no template, `unsupported` for statements that are not known, `unsafe` for those that reach
  ///   beyond it and for what is too large or too deep. Messages begin with the place, as `line 3, column 14`.
  public init(_ source: String, limits: TemplateLimits = .standard) throws(GriffinError) {
    let (statements, names) = try Parser.statements(of: source, limits: limits)
    self.statements = statements
    asksForDay = names.contains(Value.Function.strftimeNow.rawValue)
    self.limits = limits
  }

  /// The text that the template makes.
  /// - Parameters:
  ///   - variables: What it can see: `messages` and whatever else it asks for.
  ///   - day: What `strftime_now` tells; nil for a template that is to do without it.
  /// - Throws: `inconsistent` where the template itself refuses what it is given (`raise_exception`), `malformed` where it fails,
  ///   `unsupported` for filters, tests and attributes that are not known, `unsafe` where it reaches into the interpreter or
  ///   beyond a limit.
  public func render(_ variables: JSONObject, day: Day?) throws(GriffinError) -> String {
    let renderer = Renderer(limits: limits, day: day)
    return try renderer.render(statements, variables: variables.members.map { ($0.key, Value($0.value)) })
  }
}
