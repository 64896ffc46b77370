// swift-tools-version: 6.2
import PackageDescription

/// Parts of griffin as programs that take a job a line, for comparisons of many texts: the interpreter of chat templates, and a
/// bundle's tokenizer.
let package = Package(
  name: "programs",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "griffin", path: "../../..")],
  targets: [
    .executableTarget(name: "render", dependencies: [.product(name: "Griffin", package: "griffin")]),
    .executableTarget(name: "encode", dependencies: [.product(name: "Griffin", package: "griffin")]),
  ],
  swiftLanguageModes: [.v6]
)
