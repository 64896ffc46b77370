public import Bundles
public import ByteStorage
internal import Models
internal import Tensors

/// Everything that goes into one bundle.
public struct ConversionInputs: Sendable {
  public let target: ConversionComponent?
  public let draft: ConversionComponent?
  /// Remarks of the user, sorted by key.
  public let metadata: [Manifest.Metadata]
  /// What the two have in common, where that is known beforehand.
  public let sharing: Sharing?

  /// - Throws: `usage` where there is neither a target nor a draft, where a key is given twice, or where a remark
  ///   is not what a manifest can hold.
  public init(
    target: ConversionComponent?, draft: ConversionComponent?, metadata: [Manifest.Metadata] = [], sharing: Sharing? = nil
  ) throws(GriffinError) {
    guard target != nil || draft != nil else { throw GriffinError(.usage, "expected a target, a draft, or both; found neither") }
    precondition(target?.component != .draft && draft?.component != .target, "components in each other's place")
    let sorted = try ConversionInputs.sorted(metadata)
    (self.target, self.draft, self.metadata, self.sharing) = (target, draft, sorted, sharing)
  }

  /// Remarks as a manifest has them.
  /// - Throws: `usage` where a key is given twice, or where a remark is not what a manifest can hold.
  static func sorted(_ metadata: [Manifest.Metadata]) throws(GriffinError) -> [Manifest.Metadata] {
    // By bytes, so that the order is the same everywhere.
    let sorted = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    for (entry, next) in zip(sorted, sorted.dropFirst()) where entry.key.hasSameBytes(as: next.key) {
      throw GriffinError(.usage, "the metadata key \"\(entry.key.shortened(to: 40))\" is given twice")
    }
    for entry in sorted {
      if let problem = entry.problem { throw GriffinError(.usage, "metadata: \(problem)") }
    }
    guard sorted.count <= BundleFormat.Limit.metadata else {
      throw GriffinError(.usage, "\(sorted.count) metadata entries are given, at most \(BundleFormat.Limit.metadata) are stored")
    }
    return sorted
  }

  /// A remark as a user writes it, `KEY=VALUE`.
  /// - Throws: `usage` where there is no `=` or no key.
  /// - Parameter flag: The flag that it was given with, for messages.
  public static func remark(_ text: String, flag: String = "--metadata") throws(GriffinError) -> Manifest.Metadata {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else {
      throw GriffinError(.usage, "\(flag) \(text.shortened(to: 40)): expected KEY=VALUE")
    }
    return Manifest.Metadata(key: String(parts[0]), value: String(parts[1]))
  }

  /// The components that are there, the target first.
  var components: [ConversionComponent] { [target, draft].compactMap(\.self) }

  /// Bytes of all weight files.
  public var sourceByteCount: Int {
    // Both halves of a bundle are one file.
    if components.count == 2, components.allSatisfy({ $0.source is ModelBundle }) { return components[0].sourceByteCount }
    return components.reduce(0) { $0 + $1.sourceByteCount }
  }

  /// - Throws: `usage` where `path`, or a file that would be written first beside it, is one of the inputs.
  public func checkOutput(path: String) throws(GriffinError) {
    for file in components.flatMap(\.inputFiles) {
      let names = ["", OutputFile.partialSuffix, OutputFile.recordSuffix].map { path + $0 }
      guard !names.contains(where: { file.isSameFile(as: $0) }) else {
        throw GriffinError(
          .usage, file: path, "the output is also an input (\(file.path))", hints: ["choose another output"])
      }
    }
  }

  /// - Throws: `changed` where a file is no longer what it was when it was opened.
  func checkUnchanged() throws(GriffinError) {
    for file in components.flatMap(\.inputFiles) { try file.checkUnchanged() }
  }
}
