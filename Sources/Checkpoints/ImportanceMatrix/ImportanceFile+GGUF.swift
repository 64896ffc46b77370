internal import ByteStorage
internal import Tensors

extension ImportanceFile {
  /// `NAME.in_sum2` holds sums of squares, `[experts, columns]`, and `NAME.counts` how many inputs each sum is of.
  static func readGGUF(_ file: InputFile) throws(GriffinError) -> Contents {
    let gguf = try GGUFFile(file)
    if let type = try gguf.metadata.string("general.type"), type != ImportanceKey.type {
      throw GriffinError(
        .unsupported, file: file.path, "the file holds a \(type.shortened(to: 40)); expected an importance matrix")
    }
    let (sums, counts) = (ImportanceKey.sums, ImportanceKey.counts)
    let table = TensorTable(gguf)
    var contents = Contents()
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
      contents.entries.append((name, ImportanceSums.Entry(sums: totals, counts: numbers)))
    }
    try readTexts(gguf.metadata, into: &contents)
    return contents
  }

  /// Where the sums are from. llama.cpp's files have names alone.
  private static func readTexts(_ metadata: GGUFMetadata, into contents: inout Contents) throws(GriffinError) {
    let names = try metadata.strings(ImportanceKey.datasets) ?? []
    let digests = try metadata.strings(ImportanceKey.textDigests) ?? []
    guard digests.isEmpty || digests.count == names.count else {
      throw GriffinError(
        .malformed, file: metadata.file.path, "\(ImportanceKey.textDigests) has \(digests.count) entries for \(names.count) texts")
    }
    for (index, name) in names.enumerated() {
      var digest: SHA256Digest?
      if index < digests.count, !digests[index].isEmpty {
        digest = SHA256Digest(hexadecimal: digests[index])
        guard digest != nil else {
          throw GriffinError(
            .malformed, file: metadata.file.path, "\(ImportanceKey.textDigests)[\(index)] is no SHA-256: \(digests[index].shortened())")
        }
      }
      contents.texts.append(ImportanceSums.Text(name: name, digest: digest))
    }
    let range = 0...Int(UInt32.max)
    contents.chunkCount = try metadata.integer(ImportanceKey.chunkCount, in: range) ?? 0
    contents.chunkSize = try metadata.integer(ImportanceKey.chunkSize, in: range) ?? ImportanceSums.usualChunkSize
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

/// What an importance matrix in GGUF is made of.
package enum ImportanceKey {
  package static let type = "imatrix"
  package static let datasets = "imatrix.datasets"
  package static let chunkCount = "imatrix.chunk_count"
  package static let chunkSize = "imatrix.chunk_size"
  /// Ours: SHA-256 of each of the texts, in their order; empty where it is not known.
  package static let textDigests = "griffin.imatrix.text_sha256"
  package static let sums = ".in_sum2"
  package static let counts = ".counts"
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
