#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

extension OutputFile {
  /// Gives the finished file its name.
  func rename() throws(GriffinError) { try OutputFile.rename(partialPath, to: path, replaces: replaces) }

  /// Gives a finished file its name.
  /// - Throws: `exists` where the name is taken and `replaces` is false; `io`.
  static func rename(_ partialPath: String, to path: String, replaces: Bool) throws(GriffinError) {
    if !replaces {
      // A hard link fails where the name is taken, which a plain rename would overwrite.
      if unsafe link(partialPath, path) == 0 {
        unsafe unlink(partialPath)
        return
      }
      var status = stat()
      // A file system without hard links leaves a look before the rename as the best there is.
      let isTaken = unsafe errno == EEXIST || lstat(path, &status) == 0
      if isTaken {
        throw GriffinError(
          .exists, file: path, "another file of this name appeared while the output was being written",
          hints: ["--force replaces it"])
      }
    }
    guard renamePath(partialPath, path) == 0 else {
      throw GriffinError(.io, file: path, "the finished file cannot take its name: \(systemMessage(errno))")
    }
  }

  /// Takes the partial name from a finished file whose writer ended between giving it one name and taking the other.
  static func removeSecondName(of path: String) {
    var (finished, partial) = (stat(), stat())
    guard unsafe lstat(path, &finished) == 0, unsafe lstat(path + partialSuffix, &partial) == 0,
      finished.st_mode & S_IFMT == S_IFREG, finished.st_dev == partial.st_dev, finished.st_ino == partial.st_ino
    else { return }
    unsafe unlink(path + partialSuffix)
    unsafe unlink(path + recordSuffix)
  }

  /// Makes a new name itself durable.
  /// - Parameter path: What has it.
  static func synchronizeFolder(of path: String) throws(GriffinError) {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = slash.map { String(path[...$0]) } ?? "."
    let folderDescriptor = unsafe open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
    // A folder that may be written but not read cannot be opened; its entry is then as safe as the system makes it.
    guard folderDescriptor >= 0 else { return }
    defer { close(folderDescriptor) }
    // EINVAL: a file system that has nothing to do for folders.
    guard fsync(folderDescriptor) == 0 || errno == EINVAL else {
      throw GriffinError(.io, file: path, "its folder cannot be written to disk: \(systemMessage(errno))")
    }
  }
}

/// `rename(2)`, which a method of that name would hide.
private func renamePath(_ from: String, _ to: String) -> Int32 { unsafe rename(from, to) }
