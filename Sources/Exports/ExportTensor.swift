package import ByteStorage
package import Conversion
package import Tensors

/// A tensor of an exported file: what it is called and how it is stored there, and where its bytes come from.
package struct ExportTensor: Sendable {
  /// Name, type and shape as the file has them; the shape is outermost first.
  package let descriptor: TensorDescriptor
  /// What is read. Its elements are the exported tensor's in their order; its type may be another.
  package let stored: StoredTensor
  /// Payloads that it is made of and whose digests are looked at beforehand, where `stored` has none to be held against.
  package let payloads: [StoredTensor]
  let conversion: TensorConversion

  /// - Throws: `unsupported` where the stored type cannot become `type`.
  package init(
    name: String, type: ElementType, shape: Shape, of stored: StoredTensor, payloads: [StoredTensor] = []
  ) throws(GriffinError) {
    precondition(shape.elementCount == stored.descriptor.shape.elementCount, "\(name): other elements than are stored")
    guard let conversion = TensorConversion(from: stored.descriptor, to: type, importance: nil) else {
      throw GriffinError(.unsupported, tensor: name, "\(stored.descriptor.type) cannot be written as \(type)")
    }
    do throws(TensorError) {
      descriptor = try TensorDescriptor(name: name, type: type, shape: shape)
    } catch {
      throw GriffinError(.unsupported, tensor: name, "cannot be written as \(type): \(error)")
    }
    (self.stored, self.payloads, self.conversion) = (stored, payloads, conversion)
  }
}
