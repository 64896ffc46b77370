internal import ByteStorage

/// The lines of a record that say which conversion it is of.
struct RecordHead {
  fileprivate struct Input: Hashable {
    let name: String
    let byteCount: Int
    let inode: Int
    let modified: Int
    let changed: Int
  }

  private static let format = "griffin-partial"
  private static let version = 1
  private static let limits = JSONLimits(bytes: 128 << 10, depth: 4, values: 64, stringBytes: 96 << 10)

  private let plan: String
  private let inputs: [Input]
  private let options: [ConversionIdentity.Option]

  var lineCount: Int { 1 + inputs.count + options.count }

  init(_ identity: ConversionIdentity) {
    plan = identity.digest.hexadecimal
    inputs = identity.inputs.compactMap { input in input.file.identity.map { Input(input.name, $0) } }
    options = identity.options
  }

  /// - Returns: nil where the lines do not begin with a head of this version, whole.
  init?(parsing lines: [String?]) {
    guard let first = lines.first, let head = first.flatMap(RecordHead.value), head["format"]?.string == RecordHead.format,
      head["version"]?.integer == RecordHead.version, let plan = head["plan"]?.string, let inputCount = head["inputs"]?.integer,
      let optionCount = head["options"]?.integer, (0...lines.count).contains(inputCount), (0...lines.count).contains(optionCount),
      1 + inputCount + optionCount <= lines.count
    else { return nil }
    let rest = lines.dropFirst().prefix(inputCount + optionCount).compactMap { $0.flatMap(RecordHead.value) }
    let inputs = rest.prefix(inputCount).compactMap(Input.init)
    let options = rest.dropFirst(inputCount).compactMap(ConversionIdentity.Option.init)
    guard inputs.count == inputCount, options.count == optionCount else { return nil }
    (self.plan, self.inputs, self.options) = (plan, inputs, options)
  }

  /// A line as JSON; nil where it is none.
  static func value(_ line: String) -> JSONValue? { try? JSONValue.parse(line.rawBytes, limits: limits) }

  var lines: [String] {
    let first: JSONValue = [
      "format": .string(RecordHead.format), "version": .integer(RecordHead.version), "plan": .string(plan),
      "inputs": .integer(inputs.count), "options": .integer(options.count),
    ]
    return [first.encoded()] + inputs.map { $0.document.encoded() } + options.map { $0.document.encoded() }
  }

  /// Why a conversion is not the one that the head is of; nil where it is.
  ///
  /// A file that was touched or copied is the same where it has the SHA-256 that was noted of it.
  /// - Parameters:
  ///   - hashed: By place in the provenance, digests that the record holds.
  ///   - hash: Reads a file for its SHA-256.
  func difference(
    from identity: ConversionIdentity, hashed: [Int: SHA256Digest], hash: (InputFile) throws(GriffinError) -> SHA256Digest
  ) throws(GriffinError) -> String? {
    var rest = Dictionary(inputs.map { ($0.name, $0) }) { first, _ in first }
    for input in identity.inputs {
      guard let old = rest.removeValue(forKey: input.name) else {
        return "\(input.file.path) was not among the files that it was begun with"
      }
      guard let found = input.file.identity, old != Input(input.name, found) else { continue }
      if old.byteCount == found.byteCount, let place = input.provenance, let digest = hashed[place], try hash(input.file) == digest {
        continue
      }
      return "\(input.file.path) is not the file that it was begun with "
        + (old.byteCount == found.byteCount
          ? "(it was changed or replaced since)" : "(it has \(found.byteCount) bytes and had \(old.byteCount))")
    }
    if let name = rest.keys.min() {
      return "it was begun with a file \"\(name.shortened())\", which is not among those given now"
    }
    for option in identity.options {
      let old = options.first { $0.name == option.name }
      guard old?.value != option.value else { continue }
      guard let old else { return "\(option.name) was not part of it" }
      let values = option.isWords && old.isWords ? " (\(old.value.shortened(to: 40)) then, \(option.value.shortened(to: 40)) now)" : ""
      return "\(option.name) differs from what it was begun with\(values)"
    }
    if let old = options.first(where: { old in !identity.options.contains { $0.name == old.name } }) {
      return "it was begun with \(old.name.shortened()), which is not there now"
    }
    return plan == identity.digest.hexadecimal ? nil : "it was begun for another plan"
  }
}

extension RecordHead.Input {
  /// Devices are numbered anew when a machine starts, so their numbers are not compared.
  fileprivate init(_ name: String, _ identity: FileIdentity) {
    self.init(
      name: name, byteCount: identity.byteCount, inode: Int(truncatingIfNeeded: identity.inode), modified: identity.modified,
      changed: identity.changed)
  }

  fileprivate init?(_ value: JSONValue) {
    guard let name = value["input"]?.string, let byteCount = value["bytes"]?.integer, let inode = value["inode"]?.integer,
      let modified = value["modified"]?.integer, let changed = value["changed"]?.integer
    else { return nil }
    self.init(name: name, byteCount: byteCount, inode: inode, modified: modified, changed: changed)
  }

  fileprivate var document: JSONValue {
    [
      "input": .string(name), "bytes": .integer(byteCount), "inode": .integer(inode), "modified": .integer(modified),
      "changed": .integer(changed),
    ]
  }
}

extension ConversionIdentity.Option {
  fileprivate init?(_ value: JSONValue) {
    guard let name = value["option"]?.string, let text = value["value"]?.string, let isWords = value["words"]?.bool else { return nil }
    self.init(name: name, value: text, isWords: isWords)
  }

  fileprivate var document: JSONValue { ["option": .string(name), "value": .string(value), "words": .bool(isWords)] }
}
