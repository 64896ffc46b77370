/// Why a shape or a byte count cannot exist. Importers add the file and the tensor's name.
public enum TensorError: Error, Sendable, Hashable {
  case invalidShape([Int])
  case partialBlock(ElementType, elements: Int)
  case byteCountOverflow(ElementType, elements: Int)
}

extension TensorError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .invalidShape(let dimensions):
      "the shape [\(dimensions.map(String.init).joined(separator: ", "))] has a negative dimension, more than "
        + "\(Shape.maximumRank) dimensions, or more elements than 64 bits count"
    case .partialBlock(let type, let elements):
      "rows of \(elements) elements are not a whole number of \(type) blocks (\(type.elementsPerBlock) elements each)"
    case .byteCountOverflow(let type, let elements):
      "\(elements) elements of \(type) are more bytes than 64 bits count"
    }
  }
}
