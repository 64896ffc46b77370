/// What went wrong, where, and what the user can do: the one error of everything above `Tensors`.
///
/// Bad input and failing systems throw; a bug of ours traps. A message says what was expected and
/// what was found, in one line, without the file's name, which `file` carries.
public struct GriffinError: Error, Sendable, Hashable {
  /// The stable word for the kind of failure, part of the `--json` form.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Flags or values that make no sense together.
    case usage
    /// Bytes that break the rules of their format.
    case malformed
    /// Input that asks for what is never done: executing, escaping a folder, absurd sizes.
    case unsafe
    /// Well-formed input of a kind that is not read.
    case unsupported
    /// Parts that are each well-formed but contradict each other.
    case inconsistent
    /// A file that is not there.
    case missing
    /// A file that is there and cannot be read.
    case unreadable
    /// The output is already there, or another process is writing it.
    case exists
    /// The output cannot be created.
    case uncreatable
    /// Reading or writing failed midway.
    case io
    /// Not enough room for the output.
    case space
    /// An input changed while it was in use.
    case changed
    /// The user interrupted the work.
    case interrupted
  }

  public var kind: Kind
  /// The file the message is about.
  public var file: String?
  /// The tensor the message is about.
  public var tensor: String?
  /// The byte offset in `file` where it was noticed.
  public var offset: Int?
  public var message: String
  /// What the user can do about it, a line each.
  public var hints: [String]

  public init(
    _ kind: Kind, file: String? = nil, tensor: String? = nil, offset: Int? = nil, _ message: String, hints: [String] = []
  ) {
    self.kind = kind
    self.file = file
    self.tensor = tensor
    self.offset = offset
    self.message = message
    self.hints = hints
  }

  /// The same error with the place filled in where it was left open.
  public func located(file: String? = nil, tensor: String? = nil) -> GriffinError {
    var copy = self
    copy.file = copy.file ?? file
    copy.tensor = copy.tensor ?? tensor
    return copy
  }
}

extension GriffinError: CustomStringConvertible {
  /// `FILE: tensor NAME: byte N: message`, with the parts that apply.
  public var description: String {
    var parts: [String] = []
    if let file { parts.append(file) }
    if let tensor { parts.append("tensor \(tensor)") }
    if let offset { parts.append("byte \(offset)") }
    parts.append(message)
    return parts.joined(separator: ": ").printable
  }
}

extension String {
  /// The text with control characters escaped, so that a hostile name cannot steer a terminal
  /// or break the one line that an error is.
  public var printable: String {
    guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return self }
    var result = ""
    for scalar in unicodeScalars {
      if scalar.properties.generalCategory == .control {
        result += scalar.escaped(asASCII: true)
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// At most `limit` characters, for quoting what a file said.
  public func shortened(to limit: Int = 120) -> String {
    count <= limit ? self : prefix(limit - 1) + "…"
  }
}
