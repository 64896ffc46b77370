internal import ByteStorage
package import LinearAlgebra
package import Models
internal import Quantization
internal import Tensors

extension BoundTensors {
  /// The matrix with a role, multiplied straight from its source.
  /// - Precondition: The declaration requires the role.
  package func matrix(_ role: TensorRole) throws -> WeightMatrix {
    guard let index = self[role] else { preconditionFailure("the declaration requires \(role)") }
    return try matrix(at: index)
  }

  /// The matrix with a role, or nil where the model has none.
  package func optionalMatrix(_ role: TensorRole) throws -> WeightMatrix? { try self[role].map { try matrix(at: $0) } }

  /// The vector with a role as floats, such as a norm's weight.
  /// - Precondition: The declaration requires the role.
  package func vector(_ role: TensorRole) throws -> [Float] { try matrix(role).decoded() }

  /// The vector with a role as floats, or nil where the model has none, such as a bias.
  package func optionalVector(_ role: TensorRole) throws -> [Float]? {
    guard let index = self[role] else { return nil }
    return try matrix(at: index).decoded()
  }

  private func matrix(at index: Int) throws -> WeightMatrix {
    let tensor = source.tensors[index]
    guard let decoder = StorageFormat.of(tensor.type)?.decoder else {
      throw GriffinError(.unsupported, tensor: tensor.name, "tensors of type \(tensor.type) are not decoded by this version")
    }
    return WeightMatrix(source: source, index: index, decoder: decoder, inputs: (source as? ObservedSource)?.inputs(of: index))
  }
}
