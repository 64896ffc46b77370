public import Tokenization

extension VerificationRequest {
  /// A prompt to decode both ways.
  public struct Prompt: Sendable {
    public enum Content: Sendable, Hashable {
      /// Token ids, taken as they are.
      case ids([Int])
      /// What a user says, one turn after another; each but the first follows the model's answer.
      case turns([String])
    }

    public let name: String
    public let content: Content

    public init(name: String, ids: [Int]) { (self.name, content) = (name, .ids(ids)) }

    public init(name: String, turns: [String]) { (self.name, content) = (name, .turns(turns)) }

    /// Generations that this prompt asks for.
    public var turnCount: Int {
      switch content {
      case .ids: 1
      case .turns(let turns): turns.count
      }
    }

    /// What the user says first; nil for ids.
    var firstTurn: String? {
      if case .turns(let turns) = content { turns.first } else { nil }
    }

    public var isText: Bool {
      if case .turns = content { true } else { false }
    }

    /// Goes through the turns: every one is encoded with all that was said before it, the model's answers as text.
    /// - Parameters:
    ///   - encoder: Encodes text; not asked where the prompt is ids.
    ///   - decode: Given a turn's name and ids, decodes it and gives the answer's ids.
    /// - Throws: What both throw.
    public func forEachTurn(
      encoder: () throws -> PromptEncoder, _ decode: (_ name: String, _ ids: [Int]) throws -> [Int]
    ) throws {
      switch content {
      case .ids(let ids): _ = try decode(name, ids)
      case .turns(let turns):
        let encoder = try encoder()
        var messages: [ChatMessage] = []
        for (index, turn) in turns.enumerated() {
          messages.append(ChatMessage(.user, turn))
          let name = turns.count == 1 ? name : "\(name), turn \(index + 1)"
          let answer = try decode(name, encoder.encode(messages))
          messages.append(encoder.answer(answer))
        }
      }
    }
  }
}
