/// A piece of a page: text, which is escaped when it is written, or an element.
///
/// Names of elements and attributes are constants of the program, everything else is escaped; so no text can become markup.
enum Node: Sendable, ExpressibleByStringInterpolation {
  case text(String)
  indirect case element(StaticString, [(StaticString, String)], [Node])
  case group([Node])
  /// A constant that stands as it is: a style sheet.
  case constant(StaticString)

  init(stringLiteral value: String) { self = .text(value) }

  /// An element.
  static func tag(_ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], _ children: Node...) -> Node {
    .element(name, attributes.map { ($0.key, $0.value) }, children)
  }

  /// An element of as many children as there are.
  static func tag(_ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], all children: [Node]) -> Node {
    .element(name, attributes.map { ($0.key, $0.value) }, children)
  }

  static let nothing = Node.group([])
}

extension Node {
  /// Elements that have no content and no end.
  private static let voidNames: Set<String> = ["br", "col", "meta"]

  /// The piece as HTML.
  var html: String {
    var text = ""
    write(to: &text)
    return text
  }

  func write(to text: inout String) {
    switch self {
    case .text(let content): text += Escaping.escaped(content)
    case .group(let nodes): for node in nodes { node.write(to: &text) }
    case .constant(let content): text += "\(content)"
    case .element(let name, let attributes, let children):
      text += "<\(name)"
      for (key, value) in attributes { text += " \(key)=\"\(Escaping.escaped(value))\"" }
      text += ">"
      guard !Node.voidNames.contains("\(name)") else { return }
      for child in children { child.write(to: &text) }
      text += "</\(name)>"
    }
  }
}
