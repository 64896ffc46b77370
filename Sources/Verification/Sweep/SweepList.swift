public import ByteStorage

/// Pairs and recipes to convert: a file of JSON lines, or of tab-separated columns with their names in its first line.
///
/// Columns are the flags of `convert` without their dashes (`target`, `draft`, `quantize`, `draft-quantize`...), and `name`. Empty cells,
/// and members that are null, are flags that are not given; `true` gives one that takes no value.
public struct SweepList: Sendable {
  /// One conversion.
  public struct Row: Sendable, Hashable {
    /// What its files are called.
    public let name: String
    /// Flags with their values, in the order of their names; nil of one that takes none.
    public let flags: [Flag]
    /// Where it stands, for messages.
    public let line: Int

    public struct Flag: Sendable, Hashable {
      public let name: String
      public let value: String?
    }

    /// As a command line has them.
    public var arguments: [String] { flags.flatMap { ["--\($0.name)"] + ($0.value.map { [$0] } ?? []) } }

    var document: JSONValue {
      .object(JSONObject(flags.map { JSONObject.Member(key: $0.name, value: $0.value.map { .string($0) } ?? .bool(true)) }))
    }
  }

  public let rows: [Row]

  private static let maximumBytes = 16 << 20
  private static let maximumRows = 100_000
  /// Flags that a sweep gives itself.
  private static let reserved: Set<String> = ["output", "o", "plan-out", "unit-size", "dry-run", "force", "resume", "json", "threads", "stats"]

  /// - Throws: `missing` or `unreadable`; `malformed` with the line where a row is not what it should be.
  public init(path: String) throws(GriffinError) {
    let file = try InputFile(path: path)
    guard file.byteCount <= SweepList.maximumBytes else {
      throw GriffinError(.unsafe, file: path, "the file has \(file.byteCount) bytes; at most \(SweepList.maximumBytes) are read")
    }
    let bytes = file.bytes.copied
    let lines = TextLines.filled(bytes)
    guard let first = lines.first else { throw GriffinError(.malformed, file: path, "the list holds no rows") }
    let isObjects = bytes[first.range].first { $0 != 0x20 && $0 != 0x09 } == UInt8(ascii: "{")
    let reader = RowReader(path: path, bytes: bytes)
    let columns = isObjects ? [] : try reader.columns(first)
    let filled = isObjects ? lines[...] : lines.dropFirst()
    guard (1...SweepList.maximumRows).contains(filled.count) else {
      throw GriffinError(.malformed, file: path, "the list has \(filled.count) rows; expected 1 to \(SweepList.maximumRows)")
    }
    var rows: [Row] = []
    var lineOfName: [String: Int] = [:]
    for line in filled {
      let row = try isObjects ? reader.object(line) : reader.cells(line, columns)
      if let earlier = lineOfName.updateValue(row.line, forKey: row.name) {
        throw reader.error(line.number, "\(row.name) is the name of line \(earlier) too; give each row a name of its own")
      }
      rows.append(row)
    }
    self.rows = rows
  }

  /// Reads one row.
  private struct RowReader {
    let path: String
    let bytes: [UInt8]

    func error(_ line: Int, _ message: String) -> GriffinError { GriffinError(.malformed, file: path, "line \(line): \(message)") }

    private func text(_ line: (number: Int, range: Range<Int>)) throws(GriffinError) -> [String] {
      guard let text = bytes.rawBytes.extracting(line.range).utf8Text else {
        throw GriffinError(.malformed, file: path, offset: line.range.lowerBound, "line \(line.number) is not valid UTF-8")
      }
      return text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }

    func columns(_ line: (number: Int, range: Range<Int>)) throws(GriffinError) -> [String] {
      let columns = try text(line)
      guard columns.contains("target") || columns.contains("draft") else {
        throw error(line.number, "expected the columns' names, such as name, target, draft and quantize, with tabs between them")
      }
      guard Set(columns).count == columns.count else { throw error(line.number, "a column is named twice") }
      return columns
    }

    func cells(_ line: (number: Int, range: Range<Int>), _ columns: [String]) throws(GriffinError) -> Row {
      let cells = try text(line)
      guard cells.count <= columns.count else { throw error(line.number, "it has \(cells.count) cells; there are \(columns.count) columns") }
      return try row(line.number, zip(columns, cells).filter { !$0.1.isEmpty }.map { ($0, $1 == "true" ? nil : $1) })
    }

    func object(_ line: (number: Int, range: Range<Int>)) throws(GriffinError) -> Row {
      var reader = JSONReader(bytes.rawBytes.extracting(line.range), limits: .config, file: path, baseOffset: line.range.lowerBound)
      let value = try reader.readValue()
      try reader.finish()
      guard let object = value.object else { throw error(line.number, "expected an object, found \(value.kindDescription)") }
      var flags: [(String, String?)] = []
      for member in object.members {
        switch member.value {
        case .null, .bool(false): continue
        case .bool(true): flags.append((member.key, nil))
        case .string(let text): flags.append((member.key, text))
        default: throw error(line.number, "\(member.key.shortened(to: 40).printable) is \(member.value.kindDescription); expected a string, true, false or null")
        }
      }
      return try row(line.number, flags)
    }

    private func row(_ line: Int, _ flags: [(name: String, value: String?)]) throws(GriffinError) -> Row {
      var name: String?
      var all: [Row.Flag] = []
      for flag in flags {
        let key = String(flag.name.map { $0 == "_" ? "-" : $0 })
        if key == "name" {
          name = flag.value
          continue
        }
        guard !SweepList.reserved.contains(key) else { throw error(line, "\(key) is the sweep's own; a row says what is converted") }
        guard !key.isEmpty, key.allSatisfy({ $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }), key.first != "-" else {
          throw error(line, "\(flag.name.shortened(to: 40).printable) is no flag of convert")
        }
        all.append(Row.Flag(name: key, value: flag.value))
      }
      let named = name ?? SweepList.name(all)
      guard let named, !named.isEmpty, named.utf8.count <= 200, named.first != ".", named.first != "-",
        named.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_.+".contains($0)) })
      else { throw error(line, "the row's name is \((named ?? "missing").shortened(to: 40).printable); expected letters, digits, - _ . and +") }
      return Row(name: named, flags: all.sorted { $0.name < $1.name }, line: line)
    }
  }

  /// The name of a row that has none: the source's last part and its recipe.
  private static func name(_ flags: [Row.Flag]) -> String? {
    func value(_ name: String) -> String? { flags.first { $0.name == name }?.value }
    guard let source = value("target") ?? value("draft"), let last = source.split(separator: "/").last else { return nil }
    let stem = last.split(separator: "@").first.map(String.init) ?? String(last)
    return ([stem] + [value("quantize"), value("draft-quantize")].compactMap(\.self)).joined(separator: "-")
  }
}
