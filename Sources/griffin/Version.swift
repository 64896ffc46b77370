import CBuild

/// What `--version` says. The commit stands nowhere else: what is written depends on the number at most.
enum Version {
  static let number = "0.2.0"

  /// The name and the number, and in parentheses the commit where the build was told one.
  static var text: String {
    // Sound: the library returns a constant that ends in a zero.
    let commit = unsafe String(cString: griffin_build_commit())
    return "griffin \(number)" + (commit.isEmpty ? "" : " (\(commit))")
  }
}
