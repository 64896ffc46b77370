internal import ByteStorage

/// The name of a repository on the Hugging Face hub and the revision that is meant: `OWNER/NAME` or `OWNER/NAME@REVISION`.
struct RepositoryName: Sendable, Hashable {
  let owner: String
  let name: String
  /// A branch, a tag or a commit; nil where none is given.
  let revision: String?

  /// The branch that is meant where no revision is given.
  static let defaultRevision = "main"
  /// Characters of `OWNER/NAME`, as the hub limits them.
  private static let characters = 96

  /// - Returns: nil where the text cannot be such a name: paths that begin with `/`, `./`, `../` or `~`, and those with more or
  ///   fewer than two parts, never are.
  init?(_ text: String) {
    let halves = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = halves[0].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, halves[0].utf8.count <= RepositoryName.characters, parts.allSatisfy(RepositoryName.isPart)
    else { return nil }
    if halves.count == 2 {
      let revision = halves[1].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard revision.allSatisfy(RepositoryName.isPlain) else { return nil }
      self.revision = String(halves[1])
    } else {
      revision = nil
    }
    (owner, name) = (parts[0], parts[1])
  }

  /// `OWNER/NAME`.
  var repository: String { "\(owner)/\(name)" }

  /// The repository's folder in a cache.
  var folderName: String { "models--\(owner)--\(name)" }

  /// What fetches it.
  var downloadCommand: String {
    "hf download \(repository)" + (revision.map { " --revision \($0)" } ?? "")
  }

  /// Whether `text` can be an owner or a name: letters, digits and `-_.`, neither doubled nor at an end where the hub forbids it.
  private static func isPart(_ text: String) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    let ends: [UInt8] = [UInt8(ascii: "-"), UInt8(ascii: ".")]
    return isWord(text) && !ends.contains(first) && !ends.contains(last) && !text.contains("--") && !text.contains("..")
  }

  /// Whether `text` is a plain name that stays in its folder.
  static func isPlain(_ text: String) -> Bool { isWord(text) && text != "." && text != ".." && text.utf8.count <= 255 }

  private static func isWord(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
      }
  }
}
