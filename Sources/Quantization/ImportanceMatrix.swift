public import ByteStorage

/// How much the columns of matrices count when errors are weighed: the mean squares of what they are multiplied with.
public struct ImportanceMatrix: Sendable {
  /// The file it came from; nil where it was made in memory.
  public let file: InputFile?
  /// SHA-256 of the file; nil likewise.
  public let digest: SHA256Digest?
  /// SHA-256 of each of the texts that it was collected from, as far as its file says.
  public let texts: [SHA256Digest]
  private let values: [String: [Float]]

  /// - Parameters:
  ///   - values: By name in the bundle. The experts of a layer may lie one after another under one name, which has
  ///     `{expert}` for their number. Finite, and none below zero.
  ///   - file: Where they are from.
  ///   - texts: SHA-256 of each of the texts that they were collected from.
  public init(_ values: [String: [Float]], file: InputFile? = nil, texts: [SHA256Digest] = []) {
    (self.file, self.texts) = (file, texts)
    self.values = Dictionary(values.map { (ImportanceMatrix.common($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
    digest = file.map { file in
      let bytes = file.bytes
      return SHA256Digest(of: bytes)
    }
  }

  /// The names of a component's matrices that something is known of, without the component.
  package func names(of component: String) -> [String] {
    values.keys.filter { $0.hasPrefix(component) }.map { String($0.dropFirst(component.count)) }
  }

  /// The importance of a matrix's columns; nil where nothing is known, and all count the same.
  /// - Parameters:
  ///   - name: The tensor's name in the bundle, with its component.
  ///   - columns: Elements of its rows.
  /// - Throws: `inconsistent` where what is known is of another width.
  public func values(for name: String, columns: Int) throws(GriffinError) -> [Float]? {
    let common = ImportanceMatrix.common(name)
    if let known = values[common] {
      guard known.count == columns else { throw mismatch(name, known.count, "\(columns)") }
      return ImportanceMatrix.moderate(known)
    }
    guard let (merged, expert) = ImportanceMatrix.mergedName(of: common), let known = values[merged] else { return nil }
    guard columns > 0, known.count % columns == 0, known.count / columns > expert else {
      throw mismatch(name, known.count, "\(columns) for each of at least \(expert + 1) experts")
    }
    return ImportanceMatrix.moderate(Array(known[expert * columns..<(expert + 1) * columns]))
  }

  /// Only proportions matter, so what is so large or small that sums of products would leave the range of floats is scaled
  /// by a power of two, which changes no digit.
  private static func moderate(_ values: [Float]) -> [Float] {
    guard let largest = values.max(), largest > 0, !(0x1p-20...0x1p20).contains(largest) else { return values }
    let exponent = Int(largest.exponent)
    return values.map { Float(sign: .plus, exponent: -exponent, significand: $0) }
  }

  private func mismatch(_ name: String, _ found: Int, _ expected: String) -> GriffinError {
    GriffinError(
      .inconsistent, file: file?.path, tensor: name, "the importance matrix has \(found) columns for this tensor, expected \(expected)",
      hints: ["it was made with another model"])
  }

  /// The name that matrices of mixtures have here, whatever their family calls them: a file in GGUF's names does not say which it is of.
  package static func common(_ name: String) -> String {
    if name.hasSuffix(".mlp.gate.weight") { return name.replacing(".mlp.gate.weight", with: ".block_sparse_moe.gate.weight") }
    guard name.contains(".mlp.experts.") else { return name }
    var common = name.replacing(".mlp.experts.", with: ".block_sparse_moe.experts.")
    for (own, other) in [("gate_proj", "w1"), ("up_proj", "w3"), ("down_proj", "w2")] { common = common.replacing(".\(own).weight", with: ".\(other).weight") }
    return common
  }

  /// `experts.3.` becomes `experts.{expert}.`; nil for what is of no expert.
  package static func mergedName(of name: String) -> (name: String, expert: Int)? {
    var parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard let place = parts.firstIndex(of: "experts"), place + 1 < parts.count, let expert = Int(parts[place + 1]), expert >= 0 else {
      return nil
    }
    parts[place + 1] = "{expert}"
    return (parts.joined(separator: "."), expert)
  }
}
