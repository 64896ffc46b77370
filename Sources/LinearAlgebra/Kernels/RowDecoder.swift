public import CKernels
public import Tensors

/// How a stored row of one element type becomes floats: the seam where block types come in.
///
/// A type is supported once somebody has made a `RowDecoder` for it. Only the plain definition is
/// needed; kernels make it fast, and give the same bits.
@safe public struct RowDecoder: Sendable {
  /// Decodes `values.count` elements, a whole number of blocks, from exactly their bytes.
  public typealias Decode = @Sendable (_ bytes: RawSpan, _ values: inout MutableSpan<Float>) -> Void
  /// The kernels for a set, for instance `ck_f16_kernels`; nil where there are none.
  public typealias Kernels = @Sendable (_ set: ck_set) -> UnsafePointer<ck_row_kernels>?

  /// The stored type.
  public let type: ElementType
  private let definition: Decode
  private let kernels: Kernels?

  /// - Parameters:
  ///   - type: The stored type; a block must have at most 512 elements and divide them.
  ///   - decode: The definition, in plain Swift; it may trust that the two lengths fit.
  public init(_ type: ElementType, decode: @escaping Decode) {
    unsafe self.init(type, optionalKernels: nil, decode: decode)
  }

  /// - Parameters:
  ///   - type: The stored type; a block must have at most 512 elements and divide them.
  ///   - kernels: Kernels that are twins of `decode`; unsafe where they are kernels of another type.
  ///   - decode: The definition, in plain Swift; it may trust that the two lengths fit.
  @unsafe public init(_ type: ElementType, kernels: @escaping Kernels, decode: @escaping Decode) {
    unsafe self.init(type, optionalKernels: kernels, decode: decode)
  }

  private init(_ type: ElementType, optionalKernels kernels: Kernels?, decode: @escaping Decode) {
    precondition(panelColumns % type.elementsPerBlock == 0, "\(type) blocks do not divide \(panelColumns) elements")
    self.type = type
    self.definition = decode
    unsafe self.kernels = kernels
  }

  /// Decodes elements from exactly their bytes, by the plain definition.
  /// - Parameter values: As many floats as `bytes` holds elements.
  public func decode(_ bytes: RawSpan, into values: inout MutableSpan<Float>) {
    precondition(
      values.count % type.elementsPerBlock == 0
        && bytes.byteCount == values.count / type.elementsPerBlock * type.bytesPerBlock,
      "\(bytes.byteCount) bytes are not \(values.count) elements of \(type)")
    definition(bytes, &values)
  }

  /// Decodes elements from exactly their bytes, with the instructions of a set; the values are the same with all.
  /// - Parameter values: As many floats as `bytes` holds elements.
  public func decode(_ bytes: RawSpan, into values: inout MutableSpan<Float>, using set: InstructionSet) {
    guard let kernels = kernels(for: set) else { return decode(bytes, into: &values) }
    let count = values.count
    precondition(
      count % type.elementsPerBlock == 0 && bytes.byteCount == count / type.elementsPerBlock * type.bytesPerBlock,
      "\(bytes.byteCount) bytes are not \(count) elements of \(type)")
    // Sound: the lengths were checked just now, and the kernel is a twin of the definition.
    unsafe bytes.withUnsafeBytes { source in
      unsafe values.withUnsafeMutableBufferPointer { target in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        unsafe kernels.decode(from, count, to)
      }
    }
  }

  /// Whether the type has kernels of its own for a set, so that it is not left to plain Swift.
  public func hasKernels(for set: InstructionSet) -> Bool { kernels(for: set) != nil }

  /// The kernels for a set; nil where Swift alone decodes.
  func kernels(for set: InstructionSet) -> ck_row_kernels? {
    guard let name = set.kernelSet, let found = kernels?(name) else { return nil }
    return unsafe found.pointee
  }
}

/// Elements of a row that are decoded at a time.
let panelColumns = ck_panel_columns
