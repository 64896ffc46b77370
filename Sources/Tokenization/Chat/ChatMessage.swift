/// One turn of a conversation.
public struct ChatMessage: Sendable, Hashable {
  public enum Role: String, Sendable, Hashable { case system, user, assistant }

  public var role: Role
  public var content: String

  public init(_ role: Role, _ content: String) { (self.role, self.content) = (role, content) }
}
