internal import Archives
internal import ByteStorage

extension SourceFormat {
  /// An archive of a model folder. It is unpacked into a folder that is gone again before the checkpoint is handed out: files
  /// that were opened stay readable.
  static let archive = SourceFormat(
    description: "an archive (\(archiveSuffixes.joined(separator: ", "))) of such a folder",
    recognizes: { path, _ in
      let name = path.lowercased()
      return archiveSuffixes.contains { name.hasSuffix($0) } && FileSystem.kind(of: path) == .file
    }
  ) { path, options throws(GriffinError) in
    let archive = try InputFile(path: path)
    let scratch = try ScratchFolder(in: options.scratchFolder)
    defer { scratch.remove() }
    let files = try ArchiveUnpacker(path: path, cancellation: options.cancellation).unpack(into: scratch)
    let place = ArchivePlace(archive: path, scratch: scratch.path)
    do throws(GriffinError) {
      let inside = try modelFolder(in: files, archive: path)
      var checkpoint = try SourceFormat.folder.open(inside.map { FileSystem.path(scratch.path, $0) } ?? scratch.path, options)
      checkpoint.path = path
      checkpoint.archive = archive
      checkpoint.configPath = place.shown(checkpoint.configPath)
      checkpoint.warnings = checkpoint.warnings.map(place.shown)
      return checkpoint
    } catch {
      var shown = error
      shown.file = error.file.map(place.shown)
      shown.message = place.shown(error.message)
      shown.hints = error.hints.map(place.shown)
      throw shown
    }
  }

  static let archiveSuffixes = [".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.zst", ".tzst", ".zip"]

  /// Which of an archive's folders is the model's: the one with `config.json`.
  /// - Returns: The folder's name; nil for the archive's top.
  /// - Throws: `inconsistent` where several are.
  private static func modelFolder(in files: [String], archive: String) throws(GriffinError) -> String? {
    let config = "config.json"
    let models = files.filter { $0 == config || $0.hasSuffix("/" + config) }.map { String($0.dropLast(config.count)) }.sorted()
    guard models.count <= 1 else {
      let names = models.map { $0.isEmpty ? "its top" : $0 }.joined(separator: ", ")
      throw GriffinError(
        .inconsistent, file: archive, "the archive holds a config.json in each of \(names); expected one model",
        hints: ["pack each model into an archive of its own, or unpack it and name the folder"])
    }
    guard let model = models.first else {
      throw GriffinError(
        .missing, file: archive, "expected config.json at the top of the archive or in a folder there, found none",
        hints: ["pack the folder as it was downloaded"])
    }
    return model.isEmpty ? nil : String(model.dropLast())
  }
}

/// How what lies in an unpacked archive is named to the user.
private struct ArchivePlace {
  let archive: String
  let scratch: String

  /// The text with the archive's name in place of the scratch folder's.
  func shown(_ text: String) -> String { text.replacing(scratch, with: archive) }
}
