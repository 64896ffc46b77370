package import Bundles
package import ByteStorage
package import Checkpoints
internal import Tokenization

extension Checkpoint {
  /// The text side of this checkpoint as a target.
  package func textFiles() throws(GriffinError) -> TextFiles {
    try TextFiles(label: path) { (name) throws(GriffinError) in try content(ofAttachment: name) }
  }

  /// A file that travels along, by its plain name.
  func content(ofAttachment name: String) throws(GriffinError) -> [UInt8]? {
    guard let file = attachments.first(where: { $0.name == name })?.file else { return nil }
    let buffer = try FileContents.file(file).read()
    return buffer.bytes.copied
  }

  /// A look at the tokenizer before it is packed.
  /// - Parameter vocabularySize: Ids that the model has.
  /// - Returns: Warnings, of a tokenizer that is of a kind that is not read among others.
  /// - Throws: `malformed`, `inconsistent` or `unsafe` where the tokenizer's files are damaged.
  func checkTokenizer(vocabularySize: Int) throws(GriffinError) -> [String] {
    let text = try textFiles()
    if let problem = text.problem, problem.kind != .unsupported { throw problem }
    guard let count = text.tokenizer?.vocabularySize, count > vocabularySize else { return text.warnings }
    return text.warnings + [
      "\(path): the tokenizer has \(count) pieces and the model \(vocabularySize); a text that needs one of the others is refused".printable
    ]
  }
}
