import ByteStorage
import TestSupport

extension ArchiveCorpus {
  private static func accept(_ name: String, _ words: String, as file: String, bytes: @escaping @Sendable () throws -> [UInt8])
    -> AcceptedCase
  {
    AcceptedCase("archive-\(name)", rule: Rule(page, words), arguments: ["convert", "--target", file, "-o", "out.griffin"]) {
      folder in
      try folder.write(bytes(), to: file)
    }
  }

  private static let content = "By content: tar (ustar, pax, GNU) and zip"

  static let accepted: [AcceptedCase] =
    Compression.allCases.map { compression in
      accept("tiny-\(compression)", content, as: "model" + compression.rawValue) { try compression(TarBuilder(model()).bytes) }
    } + [
      accept("tiny-zip", content, as: "model.zip") {
        var archive = ZipBuilder()
        for entry in try model() { archive.add(entry.name, entry.bytes) }
        return archive.bytes
      },
      accept("of-another-name", content, as: "model.zip") { try TarBuilder(model()).bytes },
      accept("with-more-below", "What lies deeper than that is checked like the rest and left out", as: "model.tar") {
        try TarBuilder(model() + [.init("model/onnx/model.onnx", [1, 2, 3])]).bytes
      },
    ]
}
