internal import Bundles
internal import ByteStorage
internal import Quantization
public import Tensors

/// How far a tensor's values moved when they were encoded.
public struct EncodingLoss: Sendable, Hashable {
  /// The name in the bundle.
  public let tensor: String
  public let type: ElementType
  /// The root of the mean squared difference.
  public let rmse: Double
  /// The largest difference.
  public let maximum: Double
  /// The cosine of the angle between the values before and after.
  public let cosine: Double

  /// - Parameter measures: By payload; a payload that tensors share is listed under the first one's name.
  static func list(_ manifest: Manifest, _ measures: [Int: ErrorMeasure]) -> [EncodingLoss] {
    var rest = measures
    return manifest.tensors.compactMap { tensor in
      guard let measure = rest.removeValue(forKey: tensor.payload) else { return nil }
      return EncodingLoss(
        tensor: tensor.descriptor.name, type: tensor.descriptor.type, rmse: measure.rmse, maximum: measure.maximum,
        cosine: measure.cosine)
    }
  }

  /// The contract's JSON object.
  var document: JSONValue {
    .object([
      "tensor": .string(tensor), "type": .string(type.rawValue), "rmse": .number(rmse), "max": .number(maximum),
      "cosine": .number(cosine),
    ])
  }
}
