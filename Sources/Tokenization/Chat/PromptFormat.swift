public import ByteStorage
public import Templates

/// How prompts as text are written for a model.
public enum PromptFormat: Sendable {
  /// As the model's own template writes them.
  case template(ModelTemplate)
  /// As a published format writes them, which the user has named.
  case named(ChatFormat)
  /// As they are.
  case none

  /// What the user asks for: nothing, a format by its name, or none at all.
  public struct Request: Sendable {
    /// nil for the model's own template.
    public var name: String?
    /// The day that a template may tell; nil for templates that are to do without.
    public var day: Day?
    /// Whether the day is today's, and not one that the user gave.
    public var isToday: Bool

    public init(name: String? = nil, day: Day? = nil, isToday: Bool = false) {
      (self.name, self.day, self.isToday) = (name, day, isToday)
    }
  }

  /// The contract's `prompt_format`.
  public var document: JSONValue {
    switch self {
    case .template(let template):
      var object: JSONObject = ["name": .string(template.file), "source": "template"]
      if let day = template.writtenDay { object["date"] = .string("\(day)") }
      return .object(object)
    case .named(let format): return .object(["name": .string(format.name), "source": "named"])
    case .none: return .object(["name": .string(ChatFormat.noneName), "source": "none"])
    }
  }
}

extension PromptFormat: CustomStringConvertible {
  /// In words, for people.
  public var description: String {
    switch self {
    case .template(let template):
      "the model's own, of \(template.file)" + (template.writtenDay.map { ", written for \($0)" } ?? "")
    case .named(let format): format.name
    case .none: "none: prompts as they are"
    }
  }
}
