internal import ByteStorage
internal import Tensors

/// The tensors of one packed weight, found by the name that they begin with.
struct PackedModule: Sendable {
  /// `model.layers.0.self_attn.q_proj`.
  let name: String
  /// The tensor that shows how the weight is packed.
  let lead: PackedPart
  let statement: QuantizationStatement
  private let table: TensorTable

  init(name: String, lead: Int, in table: TensorTable, _ statement: QuantizationStatement) {
    (self.name, self.table, self.statement) = (name, table, statement)
    self.lead = PackedPart(index: lead, descriptor: table.source.tensors[lead], file: statement.file)
  }

  /// A tensor of the module, such as `.scales`.
  func part(_ ending: String) -> PackedPart? {
    guard let index = table.index(of: name + ending) else { return nil }
    return PackedPart(index: index, descriptor: table.source.tensors[index], file: statement.file)
  }

  /// - Throws: `inconsistent` where it is not there.
  func required(_ ending: String) throws(GriffinError) -> PackedPart {
    guard let part = part(ending) else { throw failure(.inconsistent, "\((name + ending).shortened()) is missing") }
    return part
  }

  /// What the weight is once unpacked.
  func descriptor(_ ending: String, _ type: ElementType, _ shape: [Int]) throws(GriffinError) -> TensorDescriptor {
    do {
      return try TensorDescriptor(name: name + ending, type: type, shape: Shape(shape))
    } catch let problem {
      throw failure(.malformed, "\(problem)")
    }
  }

  /// An error about the tensor that shows how the weight is packed.
  func failure(_ kind: GriffinError.Kind, _ message: String, hints: [String] = []) -> GriffinError {
    lead.failure(kind, message, hints: hints)
  }
}
