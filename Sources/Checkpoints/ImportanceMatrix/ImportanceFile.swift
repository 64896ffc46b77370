public import ByteStorage
internal import Tensors

/// An importance matrix as a file holds it: for every column of a matrix the mean square of what it was multiplied with
/// when a model read a calibration text.
///
/// Two forms are read, both llama.cpp's: GGUF, and the older `.dat`.
/// - Source: llama.cpp, `common/imatrix-loader.cpp` and `tools/quantize/quantize.cpp`; `formats/quantization.md`, section 4.
public struct ImportanceFile: Sendable {
  public let file: InputFile
  /// By canonical name with its component, such as `target/model.layers.0.mlp.down_proj.weight`; the experts of a merged
  /// tensor lie one after another under one name with `{expert}` for their number.
  public private(set) var values: [String: [Float]] = [:]
  public private(set) var warnings: [String] = []

  /// - Throws: `malformed`, `unsafe` or `unsupported` for what is no importance matrix; `missing` and `unreadable`.
  public init(path: String) throws(GriffinError) {
    file = try InputFile(path: path)
    guard file.byteCount <= CheckpointLimits.importanceBytes else {
      throw GriffinError(
        .unsafe, file: path,
        "the file has \(file.byteCount) bytes; importance matrices of at most \(CheckpointLimits.importanceBytes) bytes are read")
    }
    var unknown: [String] = []
    let entries =
      file.bytes.littleEndian(UInt32.self, at: 0) == GGUFHeader.magic
      ? try ImportanceFile.readGGUF(file) : try ImportanceFile.readLegacy(file)
    for entry in entries {
      guard let name = ImportanceFile.canonicalName(entry.name) else {
        unknown.append(entry.name)
        continue
      }
      try check(entry)
      guard values.updateValue(entry.values, forKey: name) == nil else {
        throw GriffinError(.malformed, file: path, tensor: entry.name.shortened(), "the file has two entries for this tensor")
      }
    }
    guard !values.isEmpty else {
      throw GriffinError(.unsupported, file: path, "the file has no entry for a matrix of a model that is read")
    }
    if let first = unknown.first {
      warnings.append("\(path): \(unknown.count) entries are for no known tensor, such as \(first.shortened())".printable)
    }
  }

  /// What a file has for one tensor, already divided by its counts.
  struct Entry {
    var name: String
    var values: [Float]
  }

  private func check(_ entry: Entry) throws(GriffinError) {
    let path = file.path
    for (index, value) in entry.values.enumerated() where !(value >= 0 && value.isFinite) {
      throw GriffinError(
        .malformed, file: path, tensor: entry.name.shortened(),
        "the importance of column \(index) is \(value); expected a finite number that is not negative")
    }
  }

  /// Our own files already have canonical names; llama.cpp's have those of GGUF.
  private static func canonicalName(_ name: String) -> String? {
    if name.hasPrefix("target/") || name.hasPrefix("draft/") { return name }
    if let global = GGUFArchitecture.NamedTensor.commonGlobals.first(where: { $0.name == name }) { return "target/\(global.canonicalName)" }
    let parts = name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "blk", let layer = Int(parts[1]), "\(layer)" == parts[1] else { return nil }
    if let canonical = layerNames[String(parts[2])] { return "target/model.layers.\(layer).\(canonical)" }
    // A tensor for each expert: `ffn_gate.3.weight`.
    let pieces = parts[2].split(separator: ".", omittingEmptySubsequences: false)
    guard pieces.count == 3, let expert = Int(pieces[1]), "\(expert)" == pieces[1],
      let canonical = layerNames["\(pieces[0]).{expert}.\(pieces[2])"]
    else { return nil }
    return "target/model.layers.\(layer).\(canonical.replacing("{expert}", with: "\(expert)"))"
  }

  /// Of all architectures: they agree wherever they overlap.
  private static let layerNames = Dictionary(
    GGUFArchitecture.all.flatMap(\.layerTensors).map { ($0.name, $0.canonicalName) }, uniquingKeysWith: { first, _ in first })
}
