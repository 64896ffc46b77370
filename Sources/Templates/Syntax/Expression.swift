/// What a template computes: a tree whose depth the parser has bounded.
struct Expression: Sendable {
  indirect enum Kind: Sendable {
    case constant(Value)
    case name(String)
    case list([Expression])
    case tuple([Expression])
    case dictionary([(key: Expression, value: Expression)])
    /// `value.name`
    case attribute(Expression, String)
    /// `value[key]`
    case item(Expression, Expression)
    /// `start:stop:step` inside of brackets.
    case slice(start: Expression?, stop: Expression?, step: Expression?)
    case call(Expression, Arguments)
    /// The value is nil where a block's text is filtered.
    case filter(Expression?, String, Arguments)
    case test(Expression, String, Arguments)
    case not(Expression)
    case negative(Expression)
    case positive(Expression)
    case arithmetic(Arithmetic, Expression, Expression)
    case concatenation([Expression])
    case comparison(Expression, [(Comparison, Expression)])
    case and(Expression, Expression)
    case or(Expression, Expression)
    case conditional(test: Expression, then: Expression, otherwise: Expression?)
  }

  var kind: Kind
  var place: Place
  /// The longest way down from here.
  var depth: Int
}

/// Operators on two numbers, or on texts and lists where Python has them.
enum Arithmetic: String, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case floorDivide = "//"
  case remainder = "%"
  case power = "**"
}

enum Comparison: String, Sendable {
  case equal = "=="
  case unequal = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case isIn = "in"
  case isNotIn = "not in"
}

/// What stands between the parentheses of a call.
struct Arguments: Sendable {
  var positional: [Expression] = []
  var keywords: [(name: String, value: Expression)] = []
  /// `*list`
  var spread: Expression?
  /// `**dictionary`
  var spreadKeywords: Expression?

  static let none = Arguments()

  var all: [Expression] { positional + keywords.map(\.value) + [spread, spreadKeywords].compactMap(\.self) }
}
