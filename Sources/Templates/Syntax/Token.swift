/// A piece of a template as its grammar sees it.
struct Token: Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    /// Text outside of tags, as it is printed.
    case text(String)
    case variableBegin, variableEnd, blockBegin, blockEnd
    case name(String)
    case string(String)
    case integer(Int)
    case float(Double)
    case sign(String)
    case end
  }

  var kind: Kind
  var place: Place

  /// How a message names it.
  var description: String {
    switch kind {
    case .text: "text"
    case .variableBegin: "{{"
    case .variableEnd: "}}"
    case .blockBegin: "{%"
    case .blockEnd: "%}"
    case .name(let name): name.shortened
    case .string: "a string"
    case .integer(let value): "\(value)"
    case .float(let value): "\(value)"
    case .sign(let sign): sign
    case .end: "the end of the template"
    }
  }
}

extension String {
  /// A name as messages quote it.
  var shortened: String { unicodeScalars.count <= 60 ? self : String(String.UnicodeScalarView(unicodeScalars.prefix(59))) + "…" }
}
