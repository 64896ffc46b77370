import Bundles
import ByteStorage
import Templates
import Tokenization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Ids of texts alone, and what they are decoded to.
func encoded(_ texts: [JSONValue], _ side: TextFiles) throws(GriffinError) -> JSONValue {
  if let problem = side.problem { throw problem }
  guard let tokenizer = side.tokenizer else { throw TextFiles.missing(file: "the bundle") }
  var (ids, decoded): ([JSONValue], [JSONValue]) = ([], [])
  for text in texts {
    let found = try tokenizer.encode(text.string ?? "", addsSpecialTokens: false)
    ids.append(.array(found.map { .integer($0) }))
    decoded.append(.string(tokenizer.decode(found, skipsSpecialTokens: false)))
  }
  return ["ids": .array(ids), "decoded": .array(decoded)]
}

/// Ids and texts of conversations, as the model's own template writes them; null where it has no text for one.
func prompts(_ talks: [JSONValue], _ side: TextFiles, day: Day) throws(GriffinError) -> JSONValue {
  let encoder = try side.encoder(PromptFormat.Request(day: day))
  guard case .template(let template) = encoder.format else {
    throw GriffinError(.unsupported, encoder.warnings.first ?? side.warnings.first ?? "there is no template")
  }
  var (ids, written): ([JSONValue], [JSONValue]) = ([], [])
  for talk in talks {
    let messages = (talk.array ?? []).map { message in
      ChatMessage(ChatMessage.Role(rawValue: message["role"]?.string ?? "") ?? .user, message["content"]?.string ?? "")
    }
    do throws(GriffinError) {
      written.append(.string(try template.text(of: messages)))
      ids.append(.array(try encoder.encode(messages).map { .integer($0) }))
    } catch {
      written.append(.null)
      ids.append(.null)
    }
  }
  return ["ids": .array(ids), "written": .array(written)]
}

// A job a line: {"bundle", "texts"} is answered with {"ids", "decoded"}, {"bundle", "talks", "date"} with {"ids", "written"}, lists with
// a member for each text or conversation; or either with {"kind", "message"}.
let limits = JSONLimits(bytes: 64 << 20, depth: 16, values: 4 << 20, stringBytes: 16 << 20)
while let line = readLine() {
  let answer: JSONValue
  do throws(GriffinError) {
    let job = try JSONValue.parse(line.rawBytes, limits: limits)
    let side = try ModelBundle.open(path: job["bundle"]?.string ?? "").textFiles()
    if let talks = job["talks"]?.array {
      answer = try prompts(talks, side, day: Day(job["date"]?.string ?? ""))
    } else {
      answer = try encoded(job["texts"]?.array ?? [], side)
    }
  } catch {
    answer = ["kind": .string(error.kind.rawValue), "message": .string(error.message)]
  }
  print(answer.encoded())
  fflush(nil)
}
