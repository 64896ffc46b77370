public import Foundation

/// The trained pairs of the repository.
public enum Golden {
  public static let root = URL(filePath: Fixtures.path("golden"))

  public static func path(_ name: String) -> String { root.appending(path: name).path }

  /// A copy that a test may damage.
  public static func copy(_ name: String, to folder: TemporaryFolder, as copyName: String) throws -> URL {
    let destination = folder.url.appending(path: copyName)
    try FileManager.default.copyItem(at: root.appending(path: name), to: destination)
    return destination
  }

  /// Converts a pair into `folder`.
  public static func convert(_ name: String, into folder: TemporaryFolder, arguments: [String] = []) throws -> (String, Program.Outcome) {
    let bundle = folder["\(name).griffin"]
    let outcome = try Program.run(
      ["convert", "--target", path("\(name)/target"), "--draft", path("\(name)/draft"), "-o", bundle] + arguments)
    return (bundle, outcome)
  }
}
