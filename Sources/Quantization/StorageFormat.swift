public import LinearAlgebra
public import Tensors

/// One element type that weights are stored in: how its bytes become floats, and floats its bytes.
public struct StorageFormat: Sendable {
  public let type: ElementType
  /// Reads rows.
  public let decoder: RowDecoder
  /// Writes rows; nil for a type that is read but never written.
  public let encoder: RowEncoder?
  /// The largest magnitude that an encoder takes; nil for any finite float.
  public let largestMagnitude: Float?
  /// What a matrix gets instead whose rows are no whole number of this type's blocks.
  public let fallback: ElementType?
  /// Which tensors an encoder does not take unless something is known of how much their columns count.
  public let needsImportance: ImportanceNeed

  /// Of few bits so much depends on which columns count that llama-quantize refuses to do without.
  public enum ImportanceNeed: Sendable {
    case never, always
    /// Not of token embeddings and the output head, of which rarely anything is known.
    case exceptAtEnds
  }

  init(
    _ decoder: RowDecoder, encoder: RowEncoder? = nil, largestMagnitude: Float? = nil, fallback: ElementType? = nil,
    needsImportance: ImportanceNeed = .never
  ) {
    precondition(encoder.map { $0.type == decoder.type } ?? true, "a decoder and an encoder of one type")
    type = decoder.type
    (self.decoder, self.encoder, self.largestMagnitude, self.fallback) = (decoder, encoder, largestMagnitude, fallback)
    self.needsImportance = needsImportance
  }

  /// Every type that is read. A new one is a file in `Formats` and a line here.
  public static let all: [StorageFormat] = [
    .f64, .f32, .f16, .bf16,
    .q8_0, .q4_0, .q4_1, .q5_0, .q5_1,
    .q2_k, .q3_k, .q4_k, .q5_k, .q6_k,
    .iq4_nl, .iq4_xs, .iq3_s, .iq3_xxs, .iq2_s, .iq2_xs, .iq2_xxs, .iq1_m, .iq1_s,
    .tq1_0, .tq2_0, .mxfp4,
  ]

  private static let table = Dictionary(uniqueKeysWithValues: all.map { ($0.type, $0) })

  /// The format of a type; nil where its bytes are not decoded.
  public static func of(_ type: ElementType) -> StorageFormat? { table[type] }

  /// Every type that recipes and flags may ask for.
  public static var encodable: [ElementType] { all.filter { $0.encoder != nil }.map(\.type) }

  /// Whether rows of `columns` elements are whole blocks.
  func fits(columns: Int) -> Bool { columns % type.elementsPerBlock == 0 }
}
