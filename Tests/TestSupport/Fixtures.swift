import Foundation

/// The files under `Tests/Fixtures`.
public enum Fixtures {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures").path

  /// `Fixtures.path("golden/llama2-tiny/target")`.
  public static func path(_ name: String) -> String { "\(folder)/\(name)" }

  public static func bytes(_ name: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(fileURLWithPath: path(name))))
  }
}
