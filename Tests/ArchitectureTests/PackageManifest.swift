import Foundation
import TestSupport
import Testing

/// What `Package.swift` declares, as the package manager reads it.
struct PackageManifest {
  /// Modules of `Sources`: the names of the targets and products that each depends on.
  let dependencies: [String: Set<String>]
  /// Those that are faces of system libraries, in C.
  let systemLibraries: Set<String>

  init() throws {
    let scratch = try TemporaryFolder()
    let output = URL(filePath: scratch.path("manifest.json"))
    try Data().write(to: output)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "swift", "package", "--package-path", Repository.root.path, "--scratch-path", scratch.path("build"), "dump-package",
    ]
    process.standardOutput = try FileHandle(forWritingTo: output)
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    let document = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: output)) as? [String: Any])
    let targets = try #require(document["targets"] as? [[String: Any]])
    var dependencies: [String: Set<String>] = [:]
    var systemLibraries: Set<String> = []
    // Tests and what they share say where they lie.
    for target in targets where target["type"] as? String != "test" && target["path"] as? String == nil {
      let name = try #require(target["name"] as? String)
      let declared = try #require(target["dependencies"] as? [[String: [Any]]])
      dependencies[name] = Set(declared.compactMap { $0.values.first?.first as? String })
      if target["type"] as? String == "system" { systemLibraries.insert(name) }
    }
    (self.dependencies, self.systemLibraries) = (dependencies, systemLibraries)
  }
}
