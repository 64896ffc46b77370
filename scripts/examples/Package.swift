// swift-tools-version: 6.2
import PackageDescription

/// A program that uses the library as anybody's would. Copy it, and name the repository in the place of the path.
let package = Package(
  name: "examples",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "griffin", path: "../..")],
  targets: [.executableTarget(name: "decode", dependencies: [.product(name: "Griffin", package: "griffin")])],
  swiftLanguageModes: [.v6]
)
