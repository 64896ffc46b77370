public import ByteStorage

/// A `config.json` (or the normalised copy of one in a manifest), read key by key with its types checked.
///
/// Keys and their meanings are Hugging Face's. A key that is absent or `null` reads as nil.
public struct ConfigDocument: Sendable {
  /// The file the document came from, for messages.
  public let file: String?
  public let object: JSONObject

  /// - Throws: `malformed` where the document is not an object.
  public init(_ value: JSONValue, file: String?) throws(GriffinError) {
    guard let object = value.object else {
      throw GriffinError(.malformed, file: file, "expected a JSON object with the model's configuration")
    }
    self.object = object
    self.file = file
  }

  private init(_ object: JSONObject, file: String?) { (self.object, self.file) = (object, file) }

  /// The same document with values for keys that it does not have at all; a null stays.
  func filling(_ defaults: JSONObject) -> ConfigDocument {
    var object = object
    for member in defaults.members where object[member.key] == nil { object[member.key] = member.value }
    return ConfigDocument(object, file: file)
  }

  /// The same document without some keys.
  func without(_ keys: [String]) -> ConfigDocument {
    var object = object
    for key in keys { object[key] = nil }
    return ConfigDocument(object, file: file)
  }

  public func value(_ key: String) -> JSONValue? {
    guard let value = object[key], value != .null else { return nil }
    return value
  }

  public func integer(_ key: String, in range: ClosedRange<Int>) throws(GriffinError) -> Int? {
    guard let value = value(key) else { return nil }
    guard let integer = value.integer else { throw mistyped(key, "an integer", value) }
    guard range.contains(integer) else {
      throw GriffinError(
        .malformed, file: file, "\(key) is \(integer); expected \(range.lowerBound) to \(range.upperBound)")
    }
    return integer
  }

  public func requiredInteger(_ key: String, in range: ClosedRange<Int>) throws(GriffinError) -> Int {
    guard let integer = try integer(key, in: range) else { throw absent(key) }
    return integer
  }

  public func double(_ key: String, in range: ClosedRange<Double>) throws(GriffinError) -> Double? {
    guard let value = value(key) else { return nil }
    guard let double = value.double else { throw mistyped(key, "a number", value) }
    guard range.contains(double) else {
      throw GriffinError(.malformed, file: file, "\(key) is \(double); expected \(range.lowerBound) to \(range.upperBound)")
    }
    return double
  }

  public func bool(_ key: String) throws(GriffinError) -> Bool? {
    guard let value = value(key) else { return nil }
    guard let bool = value.bool else { throw mistyped(key, "true or false", value) }
    return bool
  }

  public func string(_ key: String) throws(GriffinError) -> String? {
    guard let value = value(key) else { return nil }
    guard let string = value.string else { throw mistyped(key, "a string", value) }
    return string
  }

  /// More ids than any model ends a text with.
  private static let tokenLimit = 1024

  /// A token id or a list of them, as `eos_token_id` may be.
  public func tokens(_ key: String) throws(GriffinError) -> [Int] {
    guard let value = value(key) else { return [] }
    let list = value.array ?? [value]
    guard list.count <= ConfigDocument.tokenLimit else {
      throw GriffinError(.unsafe, file: file, "\(key) has \(list.count) ids; at most \(ConfigDocument.tokenLimit) are read")
    }
    var tokens: [Int] = []
    for element in list {
      guard let token = element.integer else { throw mistyped(key, "a token id or a list of them", value) }
      tokens.append(token)
    }
    return tokens
  }

  func absent(_ key: String) -> GriffinError {
    GriffinError(.malformed, file: file, "\(key) is missing; a model's configuration needs it")
  }

  private func mistyped(_ key: String, _ expected: String, _ found: JSONValue) -> GriffinError {
    GriffinError(.malformed, file: file, "\(key) is \(found.encoded(pretty: false).shortened(to: 60)); expected \(expected)")
  }
}
