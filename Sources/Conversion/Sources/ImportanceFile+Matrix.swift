internal import ByteStorage
public import Checkpoints
public import Quantization

extension ImportanceFile {
  /// What errors are weighed by.
  /// - Throws: As `values`.
  public var matrix: ImportanceMatrix {
    get throws(GriffinError) { ImportanceMatrix(try values, file: file, texts: sums.texts.compactMap(\.digest)) }
  }
}
