#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Looking around on disk.
public enum FileSystem {
  public enum Kind: Sendable, Hashable {
    case file, folder, other
  }

  /// What `path` leads to, symbolic links followed; nil where there is nothing, or nothing behind a link.
  public static func kind(of path: String) -> Kind? {
    guard !path.utf8.contains(0) else { return nil }
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    return kind(of: status)
  }

  /// What `path` itself is, a symbolic link being `other`; nil where there is nothing.
  public static func entry(at path: String) -> Kind? {
    guard !path.utf8.contains(0) else { return nil }
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return nil }
    return kind(of: status)
  }

  private static func kind(of status: stat) -> Kind {
    switch status.st_mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .folder
    default: .other
    }
  }

  /// Takes a name away, if it is one of a file.
  package static func remove(_ path: String) { unsafe unlink(path) }

  /// The names in a folder, in the order of their bytes, without `.` and `..`.
  /// - Throws: `missing` or `unreadable`.
  public static func names(inFolder path: String) throws(GriffinError) -> [String] {
    guard let folder = unsafe opendir(path) else {
      let code = errno
      let kind: GriffinError.Kind = code == ENOENT ? .missing : .unreadable
      throw GriffinError(kind, file: path, "the folder cannot be listed: \(systemMessage(code))")
    }
    defer { unsafe closedir(folder) }
    var names: [ExactString] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(folder) else {
        guard errno == 0 else {
          throw GriffinError(.unreadable, file: path, "the folder cannot be listed: \(systemMessage(errno))")
        }
        break
      }
      // Sound: the entry is valid until the next readdir, and its name ends with a zero byte.
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(ExactString(name)) }
    }
    return names.sorted().map(\.text)
  }

  /// The absolute path that `path` leads to, all links followed; nil where there is nothing.
  public static func resolved(_ path: String) -> String? {
    guard !path.utf8.contains(0), let place = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(place) }
    return unsafe String(cString: place)
  }

  /// `name` inside `folder`.
  public static func path(_ folder: String, _ name: String) -> String {
    folder.isEmpty ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// The folder and the name that `path` consists of; the folder is `.` where none is given.
  public static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
  }
}

extension FileSystem {
  /// Takes an empty folder away.
  package static func removeFolder(_ path: String) { unsafe rmdir(path) }
}
