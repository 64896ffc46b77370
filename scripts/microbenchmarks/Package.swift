// swift-tools-version: 6.2
import PackageDescription

/// Programs that time one operation inside a process; apart from the main package, so that it stays free of them.
let package = Package(
  name: "microbenchmarks",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "griffin", path: "../..")],
  targets: [
    .executableTarget(name: "calibrate", dependencies: [.product(name: "Griffin", package: "griffin")]),
    .executableTarget(name: "decode", dependencies: [.product(name: "Griffin", package: "griffin")]),
    .executableTarget(name: "inflate", dependencies: [.product(name: "Griffin", package: "griffin")]),
    .executableTarget(name: "planes", dependencies: [.product(name: "Griffin", package: "griffin")]),
    .executableTarget(name: "tokenizer", dependencies: [.product(name: "Griffin", package: "griffin")]),
  ],
  swiftLanguageModes: [.v6]
)
