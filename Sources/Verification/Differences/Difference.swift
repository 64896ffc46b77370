public import ByteStorage

/// Something in which two bundles or checkpoints differ.
public struct Difference: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable {
    /// A tensor that only one of them has.
    case missing
    case shape, type
    /// The same type, and other bytes.
    case values
    /// A hyper-parameter.
    case configuration
    /// A file that travels along.
    case file
    case template
    /// A remark of whoever made a bundle.
    case metadata
  }

  /// How far values are apart.
  public struct Error: Sendable, Hashable {
    public let rmse: Double
    public let maximum: Double
    public let cosine: Double
  }

  public let kind: Kind
  /// The tensor, the key or the file.
  public let name: String
  /// What each of them has, in words; nil where it has nothing.
  public let left: String?
  public let right: String?
  /// Of tensors of the same shape, where values were asked for.
  public var error: Error?

  init(_ kind: Kind, _ name: String, _ left: String?, _ right: String?, error: Error? = nil) {
    (self.kind, self.name, self.left, self.right, self.error) = (kind, name, left, right, error)
  }

  public var document: JSONValue {
    var object: JSONObject = [
      "kind": .string(kind.rawValue), "name": .string(name), "a": left.map { .string($0) } ?? .null, "b": right.map { .string($0) } ?? .null,
    ]
    if let error { object["error"] = ["rmse": .number(error.rmse), "max": .number(error.maximum), "cosine": .number(error.cosine)] }
    return .object(object)
  }
}
