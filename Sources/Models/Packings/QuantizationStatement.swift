internal import ByteStorage

/// What a configuration says of how its weights were quantized: `quantization_config`, or `compression_config` of older files.
struct QuantizationStatement: Sendable {
  let file: String?
  /// The statement's members; nothing where there is none.
  let document: ConfigDocument
  /// The name of the method; nil where there is no statement, or none in it.
  let method: String?
  let isThere: Bool

  init(reading config: ConfigDocument) throws(GriffinError) {
    file = config.file
    let value = config.value("quantization_config") ?? config.value("compression_config")
    isThere = value != nil
    document = try ConfigDocument(value ?? [:], file: config.file)
    method = document.value("quant_method")?.string?.lowercased() ?? document.value("quant_algo")?.string?.lowercased()
  }

  /// The method in words; nil where there is no statement.
  var words: String? { isThere ? method?.shortened(to: 40).printable ?? "a method that it does not name" : nil }

  /// Rows and columns that share a scale (`weight_block_size`, or `block_structure` of compressed-tensors); nil where nothing is said.
  /// - Throws: `malformed` for anything but two positive numbers; `unsupported` where groups differ.
  func blockSize() throws(GriffinError) -> (rows: Int, columns: Int)? {
    var found: [[Int]] = []
    if let value = document.value("weight_block_size") { found.append(try QuantizationStatement.pair(value, file: file)) }
    for group in document.value("config_groups")?.object?.members ?? [] {
      guard let structure = group.value["weights"]?["block_structure"], structure != .null else { continue }
      found.append(try QuantizationStatement.pair(structure, file: file))
    }
    guard let first = found.first else { return nil }
    guard found.allSatisfy({ $0 == first }) else {
      throw GriffinError(.unsupported, file: file, "quantization_config names blocks of several sizes; expected one")
    }
    return (first[0], first[1])
  }

  private static func pair(_ value: JSONValue, file: String?) throws(GriffinError) -> [Int] {
    let numbers = value.array?.compactMap(\.integer) ?? []
    guard numbers.count == 2, numbers.allSatisfy((1...1_048_576).contains), value.array?.count == 2 else {
      let found = value.encoded(pretty: false).shortened(to: 40)
      throw GriffinError(.malformed, file: file, "quantization_config has blocks of \(found); expected [rows, columns]")
    }
    return numbers
  }
}
