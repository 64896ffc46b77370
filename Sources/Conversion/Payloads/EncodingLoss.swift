public import Bundles
internal import ByteStorage
public import Tensors

/// How far a tensor's values moved when they were encoded.
public struct EncodingLoss: Sendable, Hashable {
  /// The name in the bundle.
  public let tensor: String
  public let type: ElementType
  public let errors: Manifest.Errors

  /// - Parameter measures: By payload; a payload that tensors share is listed under the first one's name.
  static func list(_ manifest: Manifest, _ measures: [Int: Manifest.Errors]) -> [EncodingLoss] {
    var rest = measures
    return manifest.tensors.compactMap { tensor in
      guard let errors = rest.removeValue(forKey: tensor.payload) else { return nil }
      return EncodingLoss(tensor: tensor.descriptor.name, type: tensor.descriptor.type, errors: errors)
    }
  }

  /// The contract's JSON object.
  var document: JSONValue {
    .object([
      "tensor": .string(tensor), "type": .string(type.rawValue), "rmse": .number(errors.rmse), "max": .number(errors.maximum),
      "cosine": .number(errors.cosine),
    ])
  }
}
