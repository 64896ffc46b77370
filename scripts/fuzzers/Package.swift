// swift-tools-version: 6.2
import PackageDescription

/// Fuzzers of the readers, in one program; apart from the main package, which stays free of sanitizers.
/// Build and run them with `scripts/fuzz`, which gives the flags that make coverage guide.
let package = Package(
  name: "fuzzers",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "griffin", path: "../..")],
  targets: [
    // The builders of the main package's tests, by links.
    .target(name: "TestSupport", dependencies: [.product(name: "Griffin", package: "griffin")]),
    // The main package's tests run these sources too, by a link.
    .target(
      name: "Fuzzers", dependencies: ["TestSupport", .product(name: "Griffin", package: "griffin")],
      swiftSettings: [.enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility")]),
    .executableTarget(name: "fuzz", dependencies: ["Fuzzers", .product(name: "Griffin", package: "griffin")]),
  ],
  swiftLanguageModes: [.v6]
)
