/// How an answer begins, and who gave it.
struct Answer: Sendable {
  let status: Int
  let headers: [(name: String, value: String)]
  /// Where it came from, after redirects.
  let address: Address
  /// The commit that a hub said it answers with, here or before it redirected.
  let commit: String?

  /// A header by its lower-case name; nil where it is not there, or there more than once.
  func header(_ name: String) -> String? {
    let found = headers.filter { $0.name == name }
    return found.count == 1 ? found[0].value : nil
  }

  /// Bytes that the body has, where the server says so.
  var byteCount: Int? { header("content-length").flatMap { ContentRange.number($0) } }

  /// What tells a version from another: the ETag, else the date of its last change.
  var version: String? { header("etag") ?? header("last-modified") }
}
