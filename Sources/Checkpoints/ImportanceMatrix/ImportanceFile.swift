public import ByteStorage
internal import Tensors

/// An importance matrix as a file holds it: for every column of a matrix the mean square of what it was multiplied with
/// when a model read a calibration text.
///
/// Two forms are read, both llama.cpp's: GGUF, and the older `.dat`.
/// - Source: llama.cpp, `common/imatrix-loader.cpp` and `tools/quantize/quantize.cpp`; `formats/imatrix.md`.
public struct ImportanceFile: Sendable {
  public let file: InputFile
  /// What the file has for tensors of models that are read.
  public private(set) var sums = ImportanceSums()
  public private(set) var warnings: [String] = []
  private let isLegacy: Bool

  /// - Throws: `malformed`, `unsafe` or `unsupported` for what is no importance matrix; `missing` and `unreadable`.
  public init(path: String) throws(GriffinError) { try self.init(file: InputFile(path: path)) }

  package init(file: InputFile) throws(GriffinError) {
    self.file = file
    let path = file.path
    guard file.byteCount <= CheckpointLimits.importanceBytes else {
      throw GriffinError(
        .unsafe, file: path,
        "the file has \(file.byteCount) bytes; importance matrices of at most \(CheckpointLimits.importanceBytes) bytes are read")
    }
    var unknown: [String] = []
    isLegacy = file.bytes.littleEndian(UInt32.self, at: 0) != GGUFHeader.magic
    let contents = isLegacy ? try ImportanceFile.readLegacy(file) : try ImportanceFile.readGGUF(file)
    (sums.texts, sums.chunkCount, sums.chunkSize) = (contents.texts, contents.chunkCount, contents.chunkSize)
    for (name, entry) in contents.entries {
      guard let canonical = ImportanceNames.canonical(name) else {
        unknown.append(name)
        continue
      }
      _ = try entry.means(name, file: path)
      guard sums.entries.updateValue(entry, forKey: canonical) == nil else {
        throw GriffinError(.malformed, file: path, tensor: name.shortened(), "the file has two entries for this tensor")
      }
    }
    guard !sums.entries.isEmpty else {
      throw GriffinError(.unsupported, file: path, "the file has no entry for a matrix of a model that is read")
    }
    if let first = unknown.first {
      warnings.append("\(path): \(unknown.count) entries are for no known tensor, such as \(first.shortened())".printable)
    }
  }

  /// Mean squares by canonical name with its component, such as `target/model.layers.0.mlp.down_proj.weight`; the experts of a
  /// merged tensor lie one after another under one name with `{expert}` for their number.
  public var values: [String: [Float]] {
    get throws(GriffinError) {
      var values: [String: [Float]] = [:]
      for (name, entry) in sums.entries { values[name] = try entry.means(name, file: file.path) }
      return values
    }
  }

  /// The sums as they are added to others. The older form counts calls, of a chunk each, where the newer one counts tokens.
  package var summands: ImportanceSums {
    guard isLegacy else { return sums }
    var scaled = sums
    let factor = Float(ImportanceSums.usualChunkSize)
    for (name, entry) in sums.entries {
      scaled.entries[name] = ImportanceSums.Entry(sums: entry.sums.map { $0 * factor }, counts: entry.counts.map { $0 * factor })
    }
    return scaled
  }

  /// What a file says, under the names that it has.
  struct Contents {
    var entries: [(name: String, entry: ImportanceSums.Entry)] = []
    var texts: [ImportanceSums.Text] = []
    var chunkCount = 0
    var chunkSize = ImportanceSums.usualChunkSize
  }
}
