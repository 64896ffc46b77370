internal import ByteStorage
internal import Tensors

extension ImportanceFile {
  /// `NAME.in_sum2` holds sums of squares, `[experts, columns]`, and `NAME.counts` how many inputs each sum is of.
  static func readGGUF(_ file: InputFile) throws(GriffinError) -> [Entry] {
    let gguf = try GGUFFile(file)
    if let type = try gguf.metadata.string("general.type"), type != "imatrix" {
      throw GriffinError(
        .unsupported, file: file.path, "the file holds a \(type.shortened(to: 40)); expected an importance matrix")
    }
    let table = TensorTable(gguf)
    var entries: [Entry] = []
    for (index, tensor) in gguf.tensors.enumerated() {
      guard tensor.name.hasSuffix(sums) else {
        guard tensor.name.hasSuffix(counts), table.index(of: tensor.name.dropLast(counts.count) + sums) != nil else {
          throw GriffinError(
            .malformed, file: file.path, tensor: tensor.name.shortened(), "expected tensors NAME\(sums) and NAME\(counts) in pairs")
        }
        continue
      }
      let name = String(tensor.name.dropLast(sums.count))
      guard let countIndex = table.index(of: name + counts) else {
        throw GriffinError(.malformed, file: file.path, tensor: tensor.name.shortened(), "there is no \(name.shortened())\(counts)")
      }
      let (totals, numbers) = (try floats(gguf, index), try floats(gguf, countIndex))
      guard !numbers.isEmpty, !totals.isEmpty, totals.count % numbers.count == 0 else {
        throw GriffinError(
          .malformed, file: file.path, tensor: tensor.name.shortened(), "\(totals.count) sums do not belong to \(numbers.count) counts")
      }
      entries.append(Entry(name: name, values: try means(totals, numbers, file, tensor.name)))
    }
    return entries
  }

  private static let sums = ".in_sum2"
  private static let counts = ".counts"

  /// Sums over counts; what was never counted is all alike.
  private static func means(
    _ totals: [Float], _ numbers: [Float], _ file: InputFile, _ name: String
  ) throws(GriffinError) -> [Float] {
    let columns = totals.count / numbers.count
    var values = [Float](repeating: 1, count: totals.count)
    for (expert, number) in numbers.enumerated() {
      guard number.isFinite, number >= 0 else {
        throw GriffinError(
          .malformed, file: file.path, tensor: name.shortened(), "a count is \(number); expected a finite number that is not negative")
      }
      let count = number.rounded(.toNearestOrAwayFromZero)
      guard count > 0 else { continue }
      for column in expert * columns..<(expert + 1) * columns { values[column] = totals[column] / count }
    }
    return values
  }

  private static func floats(_ gguf: GGUFFile, _ index: Int) throws(GriffinError) -> [Float] {
    let tensor = gguf.tensors[index]
    guard tensor.type == .f32 else {
      throw GriffinError(
        .malformed, file: gguf.file.path, tensor: tensor.name.shortened(), "its elements are \(tensor.type), expected f32")
    }
    var cursor = GGUFCursor(gguf.file, at: gguf.offset(of: index))
    return try cursor.readFloats(tensor.shape.elementCount, "sums")
  }
}

extension GGUFCursor {
  /// The next floats, whose number was held against the file.
  mutating func readFloats(_ count: Int, _ what: String) throws(GriffinError) -> [Float] {
    var floats: [Float] = []
    floats.reserveCapacity(count)
    for _ in 0..<count { floats.append(Float(bitPattern: try read(UInt32.self, what))) }
    return floats
  }
}
