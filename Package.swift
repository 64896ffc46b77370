// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is held to the same rules; `unsafe` is visible wherever it is used.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .enableExperimentalFeature("Lifetimes"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// One library module: its dependencies are rows above its own in the table of HowAByteTravels.md, never below.
func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// Tests that compute little themselves: to optimise them takes minutes, and saves seconds. (Flags that are called unsafe keep a package
/// from being depended on where they are in its products; tests are in none.)
let unoptimised: Set = [
  "ArchitectureTests", "BundlesTests", "ByteStorageTests", "CheckpointsTests", "CommandLineTests", "ConversionTests", "CorpusTests",
  "ExportsTests", "GoldenTests", "ModelsTests", "RemoteTests", "ReportsTests", "RoadTests", "TokenizationTests", "VerificationTests",
]

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name, dependencies: dependencies + ["TestSupport"],
    swiftSettings: unoptimised.contains(name) ? strict + [.unsafeFlags(["-Onone"])] : strict)
}

/// The commit that `griffin --version` says. `scripts/install` sets it; the package manager keeps what it once read of a manifest,
/// so that a commit which the manifest asked git for would be that of an earlier build.
let commit: [CSetting] = Context.environment["GRIFFIN_COMMIT"].map { [.define("GRIFFIN_COMMIT", to: "\"\($0)\"")] } ?? []

let package = Package(
  name: "griffin",
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "griffin", targets: ["griffin"]),
    .library(
      name: "Griffin",
      targets: [
        "Tensors", "ByteStorage", "LinearAlgebra", "Checkpoints", "Models", "Quantization", "Templates", "Patterns", "Tokenization",
        "Bundles", "Packing", "Conversion", "SpeculativeDecoding", "Exports", "Statistics", "Training", "Verification",
        "Calibration", "Allocation", "Reports",
      ]),
    // Apart, so that who reads files alone builds no network code.
    .library(name: "GriffinRemote", targets: ["Remote"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
  ],
  targets: [
    .target(name: "CKernels", cSettings: [".", "decode", "encode", "matrix"].map { .headerSearchPath($0) }),
    // Apart, so that a new commit rebuilds no library.
    .target(name: "CBuild", cSettings: commit),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .systemLibrary(
      name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"]), .brew(["libarchive"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),

    module("Tensors", []),
    module(
      "ByteStorage",
      [.product(name: "Crypto", package: "swift-crypto"), .product(name: "SwiftASN1", package: "swift-asn1")]),
    module("Archives", ["ByteStorage", "CArchive"]),
    module("Zstandard", ["ByteStorage", "CZstd"]),
    module(
      "Remote",
      [
        "ByteStorage", .product(name: "Crypto", package: "swift-crypto"), .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),
    module("LinearAlgebra", ["Tensors", "ByteStorage", "CKernels", "COpenBLAS"]),
    module("Checkpoints", ["Tensors", "ByteStorage", "Archives"]),
    module("Models", ["Tensors", "ByteStorage"]),
    module("Quantization", ["Tensors", "ByteStorage", "CKernels", "LinearAlgebra", "Models"]),
    module("Templates", ["ByteStorage"]),
    module("Patterns", ["ByteStorage"]),
    module("Tokenization", ["ByteStorage", "Templates", "Patterns"]),
    module("Bundles", ["Tensors", "ByteStorage", "Zstandard", "Models", "Templates", "Tokenization"]),
    module("Packing", ["Tensors", "ByteStorage", "Archives", "Zstandard", "Bundles"]),
    module(
      "Conversion",
      [
        "Tensors", "ByteStorage", "Zstandard", "LinearAlgebra", "Checkpoints", "Models", "Quantization", "Templates",
        "Tokenization", "Bundles", "Packing",
      ]),
    module("SpeculativeDecoding", ["Tensors", "ByteStorage", "LinearAlgebra", "Models", "Quantization"]),
    module(
      "Exports",
      [
        "Tensors", "ByteStorage", "LinearAlgebra", "Checkpoints", "Models", "Quantization", "Tokenization", "Bundles", "Conversion",
        "SpeculativeDecoding",
      ]),
    module("Statistics", ["ByteStorage"]),
    module(
      "Training",
      [
        "Tensors", "ByteStorage", "LinearAlgebra", "Models", "Quantization", "Bundles", "Conversion", "SpeculativeDecoding",
        "Statistics",
      ]),
    module("Cards", ["Tensors", "ByteStorage", "Bundles"]),
    module(
      "Verification",
      [
        "Tensors", "ByteStorage", "LinearAlgebra", "Checkpoints", "Models", "Quantization", "Templates", "Tokenization", "Bundles",
        "Conversion", "SpeculativeDecoding", "Statistics",
      ]),
    module(
      "Calibration",
      [
        "Tensors", "ByteStorage", "LinearAlgebra", "Checkpoints", "Models", "Quantization", "Tokenization", "SpeculativeDecoding",
        "Exports", "Verification",
      ]),
    module(
      "Allocation",
      [
        "Tensors", "ByteStorage", "LinearAlgebra", "Checkpoints", "Models", "Quantization", "Tokenization", "Bundles", "Conversion",
        "SpeculativeDecoding", "Statistics", "Verification",
      ]),
    module("Reports", ["ByteStorage"]),
    .executableTarget(
      name: "griffin",
      dependencies: [
        "Tensors", "ByteStorage", "Remote", "LinearAlgebra", "Checkpoints", "Models", "Quantization", "Templates", "Tokenization",
        "Bundles", "Packing", "Conversion", "Exports", "Cards", "SpeculativeDecoding", "Statistics", "Training", "Verification",
        "Calibration", "Allocation", "Reports", "CBuild", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    .target(
      name: "TestSupport", dependencies: ["Tensors", "ByteStorage", "Zstandard", "Models"], path: "Tests/TestSupport",
      swiftSettings: strict),
    .target(
      name: "Loopback",
      dependencies: [
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      path: "Tests/Loopback", swiftSettings: strict),
    tests("ByteStorageTests", ["Tensors", "ByteStorage"]),
    tests("RemoteTests", ["ByteStorage", "Remote", "Loopback"]),
    .target(name: "CAllocations", path: "Tests/CAllocations"),
    tests("LinearAlgebraTests", ["Tensors", "LinearAlgebra", "CAllocations"]),
    tests("CheckpointsTests", ["ByteStorage", "Tensors", "Checkpoints"]),
    tests("ModelsTests", ["Tensors", "ByteStorage", "Models"]),
    tests("QuantizationTests", ["Tensors", "ByteStorage", "LinearAlgebra", "Checkpoints", "Models", "Quantization"]),
    tests(
      "SpeculativeDecodingTests",
      ["Tensors", "ByteStorage", "LinearAlgebra", "Models", "SpeculativeDecoding", "CAllocations"]),
    tests(
      "VerificationTests",
      [
        "Tensors", "ByteStorage", "LinearAlgebra", "Models", "Quantization", "Bundles", "Conversion", "SpeculativeDecoding",
        "Statistics", "Verification",
      ]),
    tests(
      "TrainingTests",
      ["Tensors", "ByteStorage", "LinearAlgebra", "Checkpoints", "Models", "Bundles", "Conversion", "SpeculativeDecoding", "Training"]),
    tests(
      "GoldenTests",
      [
        "Tensors", "ByteStorage", "LinearAlgebra", "Checkpoints", "Models", "Quantization", "Bundles", "Conversion",
        "SpeculativeDecoding", "Verification",
      ]),
    tests("ArchitectureTests", []),
    tests("AllocationTests", ["Allocation"]),
    tests(
      "CalibrationTests",
      [
        "Tensors", "ByteStorage", "LinearAlgebra", "Checkpoints", "Models", "Quantization", "Bundles", "Conversion",
        "SpeculativeDecoding", "Verification", "Calibration",
      ]),
    tests("ReportsTests", ["ByteStorage", "Reports"]),
    tests("CommandLineTests", ["griffin"]),
    tests("RoadTests", ["griffin", "Loopback"]),
    tests("CorpusTests", ["griffin", "Tensors", "ByteStorage", "Models", "Zstandard"]),
    tests(
      "FuzzTests",
      [
        "Tensors", "ByteStorage", "LinearAlgebra", "Checkpoints", "Models", "Quantization", "Templates", "Tokenization",
        "Bundles", "Packing", "Conversion", "Verification",
      ]),
    tests("TemplatesTests", ["ByteStorage", "Templates"]),
    tests("PatternsTests", ["ByteStorage", "Patterns"]),
    tests("TokenizationTests", ["ByteStorage", "Zstandard", "Templates", "Tokenization"]),
    tests("BundlesTests", ["Tensors", "ByteStorage", "Zstandard", "Bundles"]),
    tests("PackingTests", ["Tensors", "ByteStorage", "Archives", "Zstandard", "Bundles", "Packing"]),
    tests(
      "ExportsTests",
      ["Tensors", "ByteStorage", "Checkpoints", "Models", "Quantization", "Bundles", "Conversion", "SpeculativeDecoding", "Exports"]),
    tests("ConversionTests", ["Tensors", "ByteStorage", "Models", "Quantization", "Bundles", "Conversion"]),
  ],
  swiftLanguageModes: [.v6]
)
