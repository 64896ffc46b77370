package import ByteStorage

/// Something that a runtime would not read as it stands in a folder.
package struct LoaderFinding: Sendable, Hashable {
  /// What becomes of it.
  package enum Effect: String, Sendable, Hashable {
    /// The runtime says so and loads nothing.
    case refused
    /// It is left out without a word.
    case lost
    /// Numbers that nobody wrote take its place.
    case random
    /// It is read as something else than it is.
    case changed
    /// It is as it should be, and worth knowing.
    case noted
  }

  package let effect: Effect
  /// The tensor or the key of the configuration.
  package let subject: String
  /// What happens, for people.
  package let text: String

  package init(_ effect: Effect, _ subject: String, _ text: String) { (self.effect, self.subject, self.text) = (effect, subject, text) }

  package var document: JSONValue { ["effect": .string(effect.rawValue), "subject": .string(subject), "text": .string(text)] }

  /// Whether the draft would not be what its files say.
  package var isLoss: Bool { effect != .noted }
}
