internal import Patterns

/// Finds added tokens in a text: of those that begin at one place the longest, from left to right.
struct AddedTokenMatcher: Sendable {
  private struct Node {
    var children: [UInt8: Int32] = [:]
    /// Index into `tokens`, or -1.
    var token: Int32 = -1
  }

  private var nodes = [Node()]
  private var tokens: [TokenizerParts.AddedToken] = []
  private var mayBegin = [Bool](repeating: false, count: 256)

  var isEmpty: Bool { tokens.isEmpty }

  /// - Parameter text: What is looked for; of two tokens with the same the first counts.
  mutating func add(_ token: TokenizerParts.AddedToken, as text: [UInt8]) {
    guard let first = text.first else { return }
    mayBegin[Int(first)] = true
    var node = 0
    for byte in text {
      if let child = nodes[node].children[byte] {
        node = Int(child)
      } else {
        nodes[node].children[byte] = Int32(nodes.count)
        node = nodes.count
        nodes.append(Node())
      }
    }
    guard nodes[node].token < 0 else { return }
    nodes[node].token = Int32(tokens.count)
    tokens.append(token)
  }

  /// Cuts a text into added tokens and what lies between.
  /// - Parameter body: Told each part, with the id of the token that it is. No part is empty.
  func split<Failure>(_ text: Span<UInt8>, _ body: (Range<Int>, Int?) throws(Failure) -> Void) throws(Failure) {
    var (done, position) = (0, 0)
    while position < text.count {
      guard mayBegin[Int(text[position])], let (token, matchEnd) = match(text, at: position) else {
        position += 1
        continue
      }
      let matchStart = position
      position = matchEnd
      if token.isSingleWord, AddedTokenMatcher.isInsideWord(text, matchStart..<matchEnd) { continue }
      var (start, end) = (matchStart, matchEnd)
      if token.stripsLeft {
        while start > done {
          let previous = text.scalarStart(before: start)
          guard previous >= done, CharacterClass.of(text.scalar(at: previous).value).contains(.space) else { break }
          start = previous
        }
      }
      if token.stripsRight {
        while end < text.count, CharacterClass.of(text.scalar(at: end).value).contains(.space) {
          end += text.scalar(at: end).byteCount
        }
      }
      if done < start { try body(done..<start, nil) }
      try body(start..<end, token.id)
      done = end
      position = max(position, end)
    }
    if done < text.count { try body(done..<text.count, nil) }
  }

  /// The longest token that the text goes on with.
  func match(_ text: Span<UInt8>, at start: Int) -> (token: TokenizerParts.AddedToken, end: Int)? {
    var (node, position) = (0, start)
    var found: (Int, Int)?
    while position < text.count, let child = nodes[node].children[text[position]] {
      node = Int(child)
      position += 1
      if nodes[node].token >= 0 { found = (Int(nodes[node].token), position) }
    }
    return found.map { (tokens[$0], $1) }
  }

  private static func isInsideWord(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
    let before = range.lowerBound > 0 && CharacterClass.isWord(text.scalar(at: text.scalarStart(before: range.lowerBound)).value)
    return before || range.upperBound < text.count && CharacterClass.isWord(text.scalar(at: range.upperBound).value)
  }
}
