import Foundation
import TestSupport
import Testing

/// The sample program of `scripts/examples`, compiled as a stranger's: against what the build made, with a package name of its own, so
/// that it sees public symbols alone.
struct ExampleTests {
  private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  private static let build = BuiltCommand.url.deletingLastPathComponent()

  /// Modules that the sample uses, and those that they use.
  private static let modules = [
    "Tensors", "ByteStorage", "Archives", "Zstandard", "LinearAlgebra", "Checkpoints", "Models", "Quantization", "Templates", "Patterns",
    "Tokenization", "Bundles", "SpeculativeDecoding", "Crypto", "CryptoBoringWrapper", "SwiftASN1",
  ]
  private static let libraries = ["CKernels", "CCryptoBoringSSL", "CCryptoBoringSSLShims", "CXKCP", "CXKCPShims"]

  private func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    let scratch = try TemporaryFolder()
    let output = URL(filePath: scratch["output"])
    try Data().write(to: output)
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = process.standardOutput
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOf: output, encoding: .utf8))
  }

  /// Objects of the modules: of Swift those that the build lists, so that none is left over from a file that is gone.
  private static func objects() throws -> [String] {
    var paths: [String] = []
    for module in modules {
      let map = try JSONSerialization.jsonObject(with: Data(contentsOf: build.appending(path: "\(module).build/output-file-map.json")))
      paths += (map as? [String: [String: Any]] ?? [:]).values.compactMap { $0["object"] as? String }
    }
    for library in libraries {
      let folder = build.appending(path: "\(library).build")
      let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
      paths += names.filter { $0.hasSuffix(".o") }.map { folder.appending(path: $0).path }
    }
    return paths.filter { FileManager.default.fileExists(atPath: $0) }
  }

  @Test(.enabled(if: !BuiltCommand.isSanitized, "objects with a sanitizer in them need its linker flags"))
  func theSampleProgramBuildsAndDecodes() throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    let maps = ["COpenBLAS", "CArchive", "CZstd"].map { ExampleTests.repository.appending(path: "Sources/\($0)/module.modulemap").path }
      + ExampleTests.libraries.map { ExampleTests.build.appending(path: "\($0).build/module.modulemap").path }.filter(FileManager.default.fileExists)
    let program = folder["decode"]
    let compiled = try run(
      ["swiftc", "-O", "-package-name", "examples", "-module-name", "decode", "-swift-version", "6", "-I", ExampleTests.build.path + "/Modules"]
        + maps.flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] }
        + [ExampleTests.repository.appending(path: "scripts/examples/Sources/decode/main.swift").path]
        + ExampleTests.objects() + ["-lopenblas", "-larchive", "-lzstd", "-lstdc++", "-o", program])
    try #require(compiled.status == 0, "\(compiled.output.suffix(4000))")
    let decoded = try run([program, bundle, "Once upon a time"])
    #expect(decoded.status == 0 && decoded.output.contains("54 tensors") && decoded.output.contains("the same ids: true"), "\(decoded.output)")
    let plain = try Program.run(["generate", bundle, "--prompt", "Once upon a time", "--max-new-tokens", "16", "--json"])
    let text = try #require(try plain.json["text"] as? String)
    #expect(decoded.output.contains("plain        \(text)"))
  }

  /// Its manifest is one that the package manager reads, and names the program.
  @Test func theSamplePackageIsWhole() throws {
    let folder = ExampleTests.repository.appending(path: "scripts/examples").path
    let scratch = try TemporaryFolder()
    let described = try run(["swift", "package", "--package-path", folder, "--scratch-path", scratch["build"], "dump-package"])
    #expect(described.status == 0 && described.output.contains("\"decode\""), "\(described.output.suffix(2000))")
  }
}
