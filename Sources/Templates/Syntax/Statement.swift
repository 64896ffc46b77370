/// What a template does.
indirect enum Statement: Sendable {
  case text(String)
  case output(Expression)
  case conditional([(test: Expression, body: [Statement])], otherwise: [Statement])
  case loop(LoopStatement)
  case set(Target, Expression, Place)
  /// `{% set name %}…{% endset %}`, with filters.
  case setBlock(Target, filter: Expression?, [Statement], Place)
  case macro(MacroDefinition)
  /// `{% call macro() %}…{% endcall %}`: the body is the macro's `caller`.
  case callBlock(MacroDefinition, Expression)
  case filterBlock(Expression, [Statement])
  case with([(Target, Expression)], [Statement], Place)
  /// `{% generation %}`: marks what an assistant said; printed as it is.
  case generation([Statement])
  case stop(Place)
  case skip(Place)
}

/// What can be assigned to.
indirect enum Target: Sendable {
  case name(String)
  /// `namespace.attribute`
  case attribute(String, String, Place)
  case several([Target])
}

struct LoopStatement: Sendable {
  var target: Target
  var items: Expression
  var condition: Expression?
  var isRecursive: Bool
  var body: [Statement]
  var otherwise: [Statement]
  var place: Place
}

struct MacroDefinition: Sendable {
  var name: String
  var parameters: [(name: String, fallback: Expression?)]
  var body: [Statement]
  /// Whether the body speaks of what was given beyond the parameters.
  var usesCaller = false
  var usesKeywords = false
  var usesPositional = false
  var place: Place
}
