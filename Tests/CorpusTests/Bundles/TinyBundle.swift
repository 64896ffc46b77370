import ByteStorage
import Foundation
import TestSupport

/// Sound bundles that cases take apart, made once by the command itself.
enum TinyBundle {
  /// The tiny target with its draft, a tokenizer and a chat template.
  static func pair() throws -> [UInt8] { try made.get() }

  /// The conformance vector that uses every member of a manifest; its halves are no models.
  static func vector() throws -> [UInt8] { try [UInt8](Data(contentsOf: formats.appending(path: "examples/pair.griffin"))) }

  private static let formats = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "formats")

  private struct NotConverted: Error { let text: String }

  private static let made = Result<[UInt8], any Error> {
    let folder = try CorpusFolder()
    try folder.writeTokenizer()
    try folder.write("{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}", to: "target/chat_template.jinja")
    try folder.writeDraft()
    let run = try CorpusRun(["convert", "--target", "target", "--draft", "draft", "-o", "pair.griffin"], in: folder)
    guard run.status == 0 else { throw NotConverted(text: String(decoding: run.output, as: UTF8.self) + run.errors) }
    return try folder.read("pair.griffin")
  }
}
