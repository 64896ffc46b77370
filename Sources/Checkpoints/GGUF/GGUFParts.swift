internal import ByteStorage
internal import Tensors

/// The files of one GGUF model: one, or the parts of a split.
package struct GGUFParts {
  /// In the order of their numbers; the first one's metadata are the model's.
  let files: [GGUFFile]

  var first: GGUFFile { files[0] }

  /// Opens a file and, where it is the first of a split, the others beside it.
  /// - Throws: `inconsistent` where the file is another part than the first or the parts contradict each other,
  ///   `missing` naming a part that is not there, and what reading throws.
  init(_ name: String, in folder: any FileFolder) throws(GriffinError) {
    let first = try GGUFFile(folder.open(name))
    let path = first.file.path
    let split = try Split(first)
    guard let split, split.count > 1 else {
      files = [first]
      return
    }
    guard split.number == 0 else {
      let stem = GGUFParts.stem(of: name, number: split.number, count: split.count)
      let hint = stem.map { "name the first part: \(folder.path(of: GGUFParts.name($0, number: 0, count: split.count)))" }
      throw GriffinError(
        .inconsistent, file: path, "this is part \(split.number + 1) of \(split.count); a split model is named by its first part",
        hints: [hint ?? "name the part whose split.no is 0"])
    }
    guard let stem = GGUFParts.stem(of: name, number: 0, count: split.count) else {
      throw GriffinError(
        .inconsistent, file: path,
        "this is the first of \(split.count) parts, but its name does not say so, so the others cannot be found",
        hints: ["give the parts their names back: NAME\(GGUFParts.suffix(number: 0, count: split.count))"])
    }
    var files = [first]
    for number in 1..<split.count {
      let partName = GGUFParts.name(stem, number: number, count: split.count)
      guard try folder.kind(of: partName) != nil else {
        throw GriffinError(
          .missing, file: folder.path(of: partName), "part \(number + 1) of \(split.count) is not there",
          hints: ["the download may be incomplete; fetch the missing file"])
      }
      let part = try GGUFFile(folder.open(partName))
      try split.check(part, number: number)
      files.append(part)
    }
    try GGUFParts.checkTensors(files, expected: split.tensorCount)
    self.files = files
  }

  /// Every name once, and as many as the first part says.
  private static func checkTensors(_ files: [GGUFFile], expected: Int?) throws(GriffinError) {
    var seen: [String: String] = [:]
    for part in files {
      for tensor in part.tensors {
        guard let other = seen.updateValue(part.file.path, forKey: tensor.name) else { continue }
        throw GriffinError(.inconsistent, file: part.file.path, tensor: tensor.name, "the tensor is also in \(other)")
      }
    }
    if let expected, expected != seen.count {
      throw GriffinError(
        .inconsistent, file: files[0].file.path, "split.tensors.count is \(expected), but the \(files.count) parts hold \(seen.count) tensors")
    }
  }

  /// What comes before `-00001-of-00004.gguf`; nil where the name ends otherwise.
  private static func stem(of name: String, number: Int, count: Int) -> String? {
    let suffix = suffix(number: number, count: count)
    return name.hasSuffix(suffix) && name.utf8.count > suffix.utf8.count ? String(name.dropLast(suffix.count)) : nil
  }

  private static func name(_ stem: String, number: Int, count: Int) -> String { stem + suffix(number: number, count: count) }

  /// Numbers in names count from 1.
  package static func suffix(number: Int, count: Int) -> String {
    ShardName.ending(number: number + 1, count: count) + ".gguf"
  }
}

/// What a part says of its split.
private struct Split {
  /// Counted from 0.
  let number: Int
  let count: Int
  /// Tensors of all parts together, where stated.
  let tensorCount: Int?

  /// - Returns: nil where the file says nothing of a split.
  init?(_ part: GGUFFile) throws(GriffinError) {
    let metadata = part.metadata
    guard let count = try metadata.integer("split.count", in: 0...CheckpointLimits.shards), count > 0 else { return nil }
    guard let number = try metadata.integer("split.no", in: 0...count - 1) else {
      throw GriffinError(.malformed, file: part.file.path, "split.count is \(count), but there is no split.no")
    }
    (self.number, self.count) = (number, count)
    tensorCount = try metadata.integer("split.tensors.count", in: 0...Int(Int32.max))
  }

  /// - Throws: `inconsistent` where `part` is not the one with this number.
  func check(_ part: GGUFFile, number: Int) throws(GriffinError) {
    guard let other = try Split(part) else {
      throw GriffinError(.inconsistent, file: part.file.path, "expected part \(number + 1) of \(count), found a file that is no part")
    }
    guard other.number == number, other.count == count else {
      throw GriffinError(
        .inconsistent, file: part.file.path,
        "expected part \(number + 1) of \(count), found one that says it is part \(other.number + 1) of \(other.count)")
    }
    guard other.tensorCount == nil || tensorCount == nil || other.tensorCount == tensorCount else {
      throw GriffinError(
        .inconsistent, file: part.file.path,
        "it says that all parts hold \(other.tensorCount ?? 0) tensors, the first part says \(tensorCount ?? 0)",
        hints: ["the parts may be of different models"])
    }
  }
}
