// swift-tools-version: 6.2
import PackageDescription

/// The interpreter of chat templates as a program of its own, for comparisons with jinja2.
let package = Package(
  name: "render",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "griffin", path: "../../..")],
  targets: [.executableTarget(name: "render", dependencies: [.product(name: "Griffin", package: "griffin")])],
  swiftLanguageModes: [.v6]
)
