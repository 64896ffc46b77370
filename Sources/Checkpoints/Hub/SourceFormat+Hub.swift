internal import ByteStorage

extension SourceFormat {
  /// A repository of the Hugging Face hub that was downloaded into the local cache. What is a path as well is the path.
  static let hub = SourceFormat(
    description: "OWNER/NAME of a repository in the local Hugging Face cache",
    recognizes: { path, _ in FileSystem.kind(of: path) == nil && RepositoryName(path) != nil }
  ) { path, options throws(GriffinError) in
    guard let repository = RepositoryName(path), let cache = options.huggingFaceCache else {
      throw GriffinError(.missing, file: path, "no such file or folder")
    }
    let snapshot = try HubCache(folder: cache).snapshot(of: repository)
    do throws(GriffinError) {
      var checkpoint = try SourceFormat.folder.open(snapshot, options)
      checkpoint.path = path
      return checkpoint
    } catch {
      guard error.kind == .missing else { throw error }
      var incomplete = error
      incomplete.hints.append("to fetch what is missing: \(repository.downloadCommand)")
      throw incomplete
    }
  }
}
