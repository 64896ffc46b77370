import Bundles
import ByteStorage
import Conversion
import Foundation
import Tensors
import TestSupport
import Testing

/// Bundles changed without touching their tensors.
struct BundleEditTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("pair.griffin")
    let pair = try Fixtures.golden("llama2-tiny")
    let sources = try ConversionSources(target: pair + "/target", draft: pair + "/draft")
    _ = try ConversionRun(sources.inputs(metadata: [Manifest.Metadata(key: "note", value: "one")]), output: path).run()
  }

  private func apply(_ edit: BundleEdit) throws -> BundleEdit.Outcome { try edit.apply(to: path, threads: 2, cancellation: Cancellation()) }

  /// What must not change: every tensor's bytes, by their digests, which are checked.
  private func tensors() throws -> [String: String] {
    let bundle = try ModelBundle.open(path: path)
    #expect(try bundle.verifyPayloads(threads: 2).isEmpty)
    return Dictionary(
      uniqueKeysWithValues: bundle.manifest.tensors.map { ($0.descriptor.name, bundle.manifest.payloads[$0.payload].digest.hexadecimal) })
  }

  private func metadata() throws -> [String: String] {
    Dictionary(uniqueKeysWithValues: try ModelBundle.open(path: path).manifest.metadata.map { ($0.key, $0.value) })
  }

  private var names: [String] { get throws { try FileSystem.names(inFolder: folder.path) } }

  @Test func remarksChangeInPlace() throws {
    let (before, size) = (try tensors(), try ModelBundle.open(path: path).file.byteCount)
    var edit = BundleEdit()
    edit.remarks = [Manifest.Metadata(key: "licence", value: "apache-2.0"), Manifest.Metadata(key: "base", value: "x")]
    edit.removed = ["note"]
    let outcome = try apply(edit)
    #expect(outcome.isInPlace && outcome.byteCount == size && outcome.digest != outcome.previousDigest)
    #expect(try metadata() == ["licence": "apache-2.0", "base": "x"])
    let bundle = try ModelBundle.open(path: path)
    #expect(bundle.digest == outcome.digest && bundle.file.byteCount == size)
    #expect(try tensors() == before)
    #expect(try names == ["pair.griffin"])
    // There and back is the same manifest, but for spaces that fill the room.
    var back = BundleEdit()
    back.remarks = [Manifest.Metadata(key: "note", value: "one")]
    back.removed = ["licence", "base"]
    #expect(try apply(back).isInPlace)
    #expect(try apply(back.withoutRemovals).digest == ModelBundle.open(path: path).digest)
  }

  @Test func whatDoesNotFitIsWrittenAnew() throws {
    let (before, size) = (try tensors(), try ModelBundle.open(path: path).file.byteCount)
    var edit = BundleEdit()
    let text = (0..<6_000).map { "line \($0 &* 2_654_435_761 % 1_000_003)" }.joined(separator: "\n")
    edit.files = [("draft/README.md", .bytes(Array(text.utf8))), ("target/LICENSE", .bytes(Array("free".utf8)))]
    let outcome = try apply(edit)
    #expect(!outcome.isInPlace && outcome.byteCount > size)
    let bundle = try ModelBundle.open(path: path)
    #expect(bundle.file.byteCount == outcome.byteCount && bundle.digest == outcome.digest)
    #expect(try bundle.attachment(named: "draft/README.md") == Array(text.utf8))
    #expect(try bundle.attachment(named: "target/LICENSE") == Array("free".utf8))
    let names = bundle.manifest.attachments.map(\.name)
    let (ofTarget, ofDraft) = (names.filter { $0.hasPrefix("target/") }, names.filter { $0.hasPrefix("draft/") })
    #expect(names == ofTarget.sorted() + ofDraft.sorted())
    #expect(try tensors() == before)
    // And smaller again, in place now, with the room that there is.
    var smaller = BundleEdit()
    smaller.files = [("draft/README.md", .bytes([1, 2, 3]))]
    #expect(try apply(smaller).isInPlace)
    #expect(try ModelBundle.open(path: path).attachment(named: "draft/README.md") == [1, 2, 3])
    #expect(try tensors() == before)
  }

  @Test func chatTemplatesTakeThePlaceOfOthers() throws {
    let template = try folder.write(Array("{{ messages[0]['content'] }}!".utf8), to: "mine.jinja")
    var edit = BundleEdit()
    edit.files = [try BundleEdit.chatTemplate(path: template, in: ModelBundle.open(path: path))]
    _ = try apply(edit)
    let text = try ModelBundle.open(path: path).textFiles()
    #expect(text.template?.file == "chat_template.jinja" && text.template?.text == "{{ messages[0]['content'] }}!")
    let wrong = try folder.write(Array("{% if %}".utf8), to: "wrong.jinja")
    let error = #expect(throws: GriffinError.self) { try BundleEdit.chatTemplate(path: wrong, in: ModelBundle.open(path: path)) }
    #expect(error?.kind == .malformed && error?.file == wrong)
  }

  @Test func refusals() throws {
    let before = try folder.read("pair.griffin")
    var edit = BundleEdit()
    edit.removed = ["nothing"]
    #expect(throws: GriffinError.self) { try apply(edit) }
    edit = BundleEdit()
    edit.remarks = [Manifest.Metadata(key: "a", value: "1"), Manifest.Metadata(key: "a", value: "2")]
    #expect(throws: GriffinError.self) { try apply(edit) }
    edit = BundleEdit()
    edit.files = [("target/tokenizer.model", .bytes([1, 2, 3])), ("target/tokenizer.json", .bytes([1, 2, 3]))]
    let error = #expect(throws: GriffinError.self) { try apply(edit) }
    #expect(error?.kind == .malformed || error?.kind == .inconsistent)
    edit = BundleEdit()
    edit.files = [("target/../x", .bytes([1]))]
    #expect(throws: GriffinError.self) { try apply(edit) }
    #expect(try folder.read("pair.griffin") == before)
    #expect(try names == ["pair.griffin"])
  }

  /// Wherever an edit ends, the bundle is the old one or the new one after `recover`.
  @Test func brokenOffEditsEnd() throws {
    let old = try folder.read("pair.griffin")
    var edit = BundleEdit()
    edit.remarks = [Manifest.Metadata(key: "note", value: "two")]
    _ = try apply(edit)
    let new = try folder.read("pair.griffin")
    let last = try #require(old.indices.last { old[$0] != new[$0] })
    let head = (last + 16384) / 16384 * 16384
    let zeros = [UInt8](repeating: 0, count: 128)
    // Broken off with the first bytes zeroed, with half of the new ones, and after the last byte.
    let half: [UInt8] = Array(new[..<500]) + Array(old[500...])
    let states: [(state: [UInt8], expected: [UInt8])] = [
      (zeros + Array(old[128...]), old), (half, old), (zeros + Array(new[128...]), old), (new, new), (old, old),
    ]
    for (state, expected) in states {
      try folder.write(state, to: "pair.griffin")
      try folder.write(Array(old[..<head]), to: "pair.griffin.undo")
      if state != new, state != old {
        let error = #expect(throws: GriffinError.self) { try ModelBundle.open(path: path) }
        #expect(error?.hints.contains { $0.contains("griffin edit") } == true)
      }
      #expect(try BundleEdit.recover(path) != nil)
      #expect(try folder.read("pair.griffin") == expected)
      #expect(try names == ["pair.griffin"])
      #expect(try BundleEdit.recover(path) == nil)
    }
    try folder.write(zeros + Array(new[128...]), to: "pair.griffin")
    try folder.write([1, 2, 3], to: "pair.griffin.undo")
    let error = #expect(throws: GriffinError.self) { try BundleEdit.recover(path) }
    #expect(error?.kind == .malformed && error?.file?.hasSuffix(".undo") == true)
  }
}

extension BundleEdit {
  fileprivate var withoutRemovals: BundleEdit {
    var copy = self
    copy.removed = []
    return copy
  }
}
