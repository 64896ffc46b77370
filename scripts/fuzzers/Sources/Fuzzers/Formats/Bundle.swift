import Bundles
import ByteStorage
import Conversion
import Foundation
import Models

extension Fuzzer {
  static let bundle = Fuzzer(
    name: "bundle", description: "a .griffin bundle: header, manifest, models, attachments, every payload's digest",
    maximumBytes: 327_680,
    read: { input in
      let bundle = try ModelBundle(file: InputFile(standingIn: input, path: "model.griffin"))
      try bundle.walk()
      for attachment in bundle.manifest.attachments { _ = try? bundle.attachment(named: attachment.name) }
      for failure in try bundle.verifyPayloads(threads: 1) { _ = failure.message }
      // The format's examples are bundles and no models.
      _ = try? bundle.targetModel()?.parameterCount
      _ = try? bundle.draftModel()?.warnings
      try bundle.textFiles().tokenizer?.exercise()
    },
    seeds: { try ["draft-only", "pair"].map { Seed($0, try example("\($0).griffin")) } + [Seed("model", try model)] },
    mutate: { input, mutator in
      guard let manifest = BundleParts.manifest(of: input) else { return mutator.change(&input, limit: mutator.maximumBytes) }
      switch mutator.number(below: 8) {
      case 0: mutator.change(&input, limit: mutator.maximumBytes)
      case 1:
        // The header's fields, and a digest that fits them.
        var header = Array(input[..<96])
        mutator.change(&header, limit: 96)
        input.replaceSubrange(..<header.count, with: header)
        BundleParts.repair(&input, digestsManifest: mutator.number(below: 2) == 0)
      case 2 where input.count > BundleFormat.alignment:
        // The first bytes of some payload or of the padding before it.
        let start = (1 + mutator.number(below: input.count / BundleFormat.alignment)) * BundleFormat.alignment
        guard start < input.count else { return }
        var part = Array(input[start..<min(start + 64, input.count)])
        let count = part.count
        mutator.change(&part, limit: count)
        input.replaceSubrange(start..<start + part.count, with: part)
      default:
        var text = Array(input[manifest])
        JSONText.change(&text, limit: BundleFormat.alignment - BundleFormat.headerByteCount, &mutator)
        BundleParts.replaceManifest(of: &input, with: text)
      }
    })

  /// A model with its tokenizer, as `griffin convert` packs it.
  private static var model: [UInt8] {
    get throws {
      let source = WorkFolder.write(try gguf.seeds()[0].bytes, to: "source.gguf")
      let output = "\(WorkFolder.path)/model.griffin"
      let inputs = try ConversionSources(target: source, draft: nil).inputs()
      _ = try ConversionRun(inputs, output: output, force: true, threads: 1).run()
      return try [UInt8](Data(contentsOf: URL(fileURLWithPath: output)))
    }
  }

  /// The conformance vectors of the format.
  static func example(_ name: String) throws -> [UInt8] {
    var folder = URL(fileURLWithPath: #filePath)
    let path = "formats/examples/\(name)"
    repeat { folder.deleteLastPathComponent() } while folder.path != "/"
      && !FileManager.default.fileExists(atPath: folder.path + "/" + path)
    return try [UInt8](Data(contentsOf: folder.appendingPathComponent(path)))
  }
}

/// Where the parts of a bundle are, by `formats/bundle.md`, section 2.
private enum BundleParts {
  static func manifest(of file: [UInt8]) -> Range<Int>? {
    guard file.count > BundleFormat.alignment, let count = file.rawBytes.littleEndian(UInt64.self, at: 32),
      count > 0, count <= UInt64(BundleFormat.alignment - BundleFormat.headerByteCount)
    else { return nil }
    return BundleFormat.headerByteCount..<BundleFormat.headerByteCount + Int(count)
  }

  /// Payloads stay where they are: the manifest has the space before the first.
  static func replaceManifest(of file: inout [UInt8], with text: [UInt8]) {
    let space = BundleFormat.alignment - BundleFormat.headerByteCount
    let padded = text.prefix(space) + [UInt8](repeating: 0, count: max(0, space - text.count))
    file.replaceSubrange(BundleFormat.headerByteCount..<BundleFormat.alignment, with: padded)
    var count = UInt64(min(text.count, space))
    for offset in 32..<40 {
      file[offset] = UInt8(truncatingIfNeeded: count)
      count >>= 8
    }
    repair(&file, digestsManifest: true)
  }

  static func repair(_ file: inout [UInt8], digestsManifest: Bool) {
    guard file.count >= BundleFormat.headerByteCount else { return }
    if digestsManifest, let manifest = manifest(of: file) {
      file.replaceSubrange(48..<80, with: SHA256Digest(of: Array(file[manifest]).rawBytes).bytes)
    }
    file.replaceSubrange(96..<128, with: SHA256Digest(of: Array(file[..<96]).rawBytes).bytes)
  }
}
