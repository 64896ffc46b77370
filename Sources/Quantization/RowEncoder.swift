public import CKernels
public import LinearAlgebra
public import Tensors

/// How rows of floats become a stored type: the twin of `RowDecoder`, and the seam where encoders come in.
///
/// Only the plain definition is needed; it is the specification, and kernels give the same bytes. Values are
/// finite and within the type's range; whoever converts has checked that.
@safe public struct RowEncoder: Sendable {
  /// Encodes one row of whole blocks.
  ///
  /// - Parameters:
  ///   - values: The row.
  ///   - importance: The weight of each column's error, or nil where all count the same.
  ///   - bytes: Exactly the row's stored bytes.
  public typealias Encode = @Sendable (_ values: Span<Float>, _ importance: [Float]?, _ bytes: inout MutableRawSpan) -> Void
  /// The kernel of a set, for instance `ck_q8_0_encoder`; nil where there is none.
  public typealias Kernel = @Sendable (_ set: ck_set) -> ck_encode?

  /// The stored type.
  public let type: ElementType
  private let definition: Encode
  private let kernel: Kernel?
  /// The search that kernels share with the definition; nil for a type without codebook.
  private let codebook: (@Sendable () -> CodebookSearch)?

  /// - Parameters:
  ///   - type: The stored type.
  ///   - encode: The definition, in plain Swift; it may trust that the two lengths fit.
  public init(_ type: ElementType, encode: @escaping Encode) {
    (self.type, self.definition, codebook) = (type, encode, nil)
    unsafe kernel = nil
  }

  /// - Parameters:
  ///   - type: The stored type.
  ///   - kernel: Kernels that are twins of `encode`; unsafe where they are kernels of another type.
  ///   - encode: The definition, in plain Swift; it may trust that the two lengths fit.
  @unsafe public init(_ type: ElementType, kernel: @escaping Kernel, encode: @escaping Encode) {
    (self.type, self.definition, codebook) = (type, encode, nil)
    unsafe self.kernel = kernel
  }

  /// - Parameter codebook: Where the values of `encode` are sought, and those of its kernels.
  @unsafe init(
    _ type: ElementType, codebook: @escaping @Sendable () -> CodebookSearch, kernel: @escaping Kernel, encode: @escaping Encode
  ) {
    (self.type, self.definition, self.codebook) = (type, encode, codebook)
    unsafe self.kernel = kernel
  }

  /// Encodes rows that lie together.
  /// - Parameters:
  ///   - values: `[rows, columns]`, finite.
  ///   - columns: Elements of a row, a whole number of blocks.
  ///   - importance: The weight of each column's error, `[columns]`.
  ///   - bytes: Exactly as many bytes as the rows take.
  ///   - set: The instructions to use; the bytes are the same with all.
  public func encode(
    _ values: Span<Float>, columns: Int, importance: [Float]? = nil, into bytes: inout MutableRawSpan,
    using set: InstructionSet = .best
  ) {
    let rowBytes = columns / type.elementsPerBlock * type.bytesPerBlock
    precondition(
      columns > 0 && columns % type.elementsPerBlock == 0 && values.count % columns == 0
        && bytes.byteCount == values.count / columns * rowBytes && importance.map { $0.count == columns } ?? true,
      "\(values.count) values in rows of \(columns) are not \(bytes.byteCount) bytes of \(type)")
    let rows = values.count / columns
    if let name = set.kernelSet, let encode = kernel?(name) {
      // Sound: the lengths were checked just now, and the kernel is a twin of the definition, with its codebook.
      let points = unsafe codebook?().kernelCodebook
      unsafe values.withUnsafeBufferPointer { source in
        unsafe bytes.withUnsafeMutableBytes { target in
          guard let from = source.baseAddress, let to = target.baseAddress else { return }
          if let importance {
            unsafe importance.withUnsafeBufferPointer { unsafe encode(from, $0.baseAddress, rows, columns, to, points) }
          } else {
            unsafe encode(from, nil, rows, columns, to, points)
          }
        }
      }
      return
    }
    for row in 0..<rows {
      // Sound: a row's bytes lie within what was checked just now.
      unsafe bytes.withUnsafeMutableBytes { all in
        var target = unsafe MutableRawSpan(_unsafeBytes: all[row * rowBytes..<(row + 1) * rowBytes])
        definition(values.extracting(row * columns..<(row + 1) * columns), importance, &target)
      }
    }
  }
}
