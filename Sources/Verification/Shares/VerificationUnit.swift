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
