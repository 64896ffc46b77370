/// What a verification can be divided into: a prompt with all its turns, or a window of text.
enum VerificationUnit {
  case prompt(VerificationRequest.Prompt)
  case text([Int])

  /// Generations that it asks for.
  var turnCount: Int {
    switch self {
    case .prompt(let prompt): prompt.turnCount
    case .text: 0
    }
  }

  /// Tokens of text.
  var textCount: Int {
    switch self {
    case .prompt: 0
    case .text(let ids): ids.count
    }
  }

  /// Tells it from others.
  var line: String {
    switch self {
    case .prompt(let prompt): "\(prompt.name.debugDescription) \(prompt.content)\n"
    case .text(let ids): "text \(ids)\n"
    }
  }
}

extension VerificationRequest {
  /// One machine's part of a verification: units `index`, `index + count`, `index + 2 count` and so on.
  public struct Share: Sendable, Hashable {
    /// From 0, below `count`.
    public let index, count: Int

    /// - Precondition: `0 <= index < count`.
    public init(_ index: Int, of count: Int) {
      precondition((0..<count).contains(index), "a share is one of its count")
      (self.index, self.count) = (index, count)
    }

    func contains(_ unit: Int) -> Bool { unit % count == index }
  }
}
