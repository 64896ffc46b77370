internal import Bundles
internal import ByteStorage

/// What is noted beside a partial bundle: which conversion it is of, and which payloads are finished.
///
/// `formats/partial-files.md` is the specification.
final class ConversionRecord: Sendable {
  /// A payload that was written.
  struct Payload: Sendable, Hashable {
    let digest: SHA256Digest
    let errors: Manifest.Errors?
  }

  /// By payload, what an earlier run finished. Whether the partial file still holds it is for the reader to see.
  let finished: [Int: Payload]
  /// By place in the provenance, digests of source files that an earlier run finished.
  let hashed: [Int: SHA256Digest]
  private let lines: PartialRecord

  private init(_ lines: PartialRecord, finished: [Int: Payload], hashed: [Int: SHA256Digest]) {
    (self.lines, self.finished, self.hashed) = (lines, finished, hashed)
  }

  /// Begins the record of a new partial file.
  /// - Throws: `space`, `uncreatable` or `io`.
  static func begin(_ identity: ConversionIdentity, _ output: OutputFile) throws(GriffinError) -> ConversionRecord {
    try output.record.begin(RecordHead(identity).lines)
    return ConversionRecord(output.record, finished: [:], hashed: [:])
  }

  /// Takes over the record of a partial file that an earlier run left.
  /// - Parameter hash: Reads a file for its SHA-256.
  /// - Throws: `exists` where there is no record that can be used, or where it is of another conversion; what `hash` throws.
  static func resume(
    _ identity: ConversionIdentity, _ output: OutputFile, hash: (InputFile) throws(GriffinError) -> SHA256Digest
  ) throws(GriffinError) -> ConversionRecord {
    guard let lines = output.record.reopen(), let head = RecordHead(parsing: lines) else {
      throw refusal(output, "its record (\(output.record.path)) is missing, damaged or of another version")
    }
    let (finished, hashed) = entries(lines.dropFirst(head.lineCount))
    if let problem = try head.difference(from: identity, hashed: hashed, hash: hash) { throw refusal(output, problem) }
    return ConversionRecord(output.record, finished: finished, hashed: hashed)
  }

  private static func refusal(_ output: OutputFile, _ problem: String) -> GriffinError {
    GriffinError(
      .exists, file: output.partialPath, "the partial file cannot be continued: \(problem)", hints: ["--force starts again from nothing"])
  }

  /// Notes that a payload's bytes were written.
  func finish(payload index: Int, _ digest: SHA256Digest, _ errors: Manifest.Errors?) {
    var object: JSONObject = ["payload": .integer(index), "sha256": .string(digest.hexadecimal)]
    if let errors { object["errors"] = errors.document }
    lines.append(JSONValue.object(object).encoded())
  }

  /// Notes the digest of a source file.
  func finish(hash index: Int, _ digest: SHA256Digest) {
    lines.append(JSONValue.object(["source": .integer(index), "sha256": .string(digest.hexadecimal)]).encoded())
  }

  /// What the lines after the head say; of several about one thing the last counts, and a line that says nothing is passed over.
  private static func entries(_ lines: ArraySlice<String?>) -> ([Int: Payload], [Int: SHA256Digest]) {
    var (finished, hashed): ([Int: Payload], [Int: SHA256Digest]) = ([:], [:])
    for line in lines {
      guard let value = line.flatMap(RecordHead.value), let digest = value["sha256"]?.string.flatMap(SHA256Digest.init(hexadecimal:))
      else { continue }
      if let index = value["payload"]?.integer {
        finished[index] = Payload(digest: digest, errors: value["errors"].flatMap(Manifest.Errors.init))
      } else if let index = value["source"]?.integer {
        hashed[index] = digest
      }
    }
    return (finished, hashed)
  }
}
