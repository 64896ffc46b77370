import ArgumentParser
import Bundles
import ByteStorage
import Tokenization

struct Tokenize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn text into token ids, or ids into text, with a bundle's tokenizer.",
    usage: "griffin tokenize <bundle> [<text> | -] [<options>]",
    discussion: """
      EXAMPLES:
        griffin tokenize pair.griffin "Once upon a time"
        griffin tokenize pair.griffin "Once upon a time" --no-special-tokens
        griffin tokenize pair.griffin --file book.txt
        git log | griffin tokenize pair.griffin - --json
        griffin tokenize pair.griffin --decode 1,9038,2501,263,931
      """)

  @Argument(help: "The bundle.")
  var bundle: String

  @Argument(help: "The text; after -- it may begin with a dash. A dash alone is standard input.")
  var text: String?

  @Option(name: .long, help: ArgumentHelp("Read the text from a file.", valueName: "file"))
  var file: String?

  @Option(name: .long, help: ArgumentHelp("Token ids to turn into text.", valueName: "1,2,3"))
  var decode: TokenList?

  @Flag(name: .long, help: "Add no tokens around the text; leave special tokens out where ids are decoded.")
  var noSpecialTokens = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    let ways = [text != nil, file != nil, decode != nil].count { $0 }
    if ways != 1 { throw ValidationError("give one of TEXT, --file FILE and --decode LIST") }
  }

  func run() throws {
    let text = try text == PlainText.standardInput ? PlainText.read(path: PlainText.standardInput) : file.map { try PlainText.read(path: $0) } ?? text
    let packed = try ModelBundle.open(path: bundle)
    let side = try packed.textFiles()
    try packed.file.checkUnchanged()
    if let problem = side.problem { throw problem }
    guard let tokenizer = side.tokenizer else {
      throw GriffinError(.usage, file: bundle, "the bundle has no tokenizer")
    }
    if !common.json { for warning in side.warnings { Console.warning(warning) } }
    let warnings = JSONValue.array(side.warnings.map { .string($0) })
    if let decode {
      let text = tokenizer.decode(decode.ids, skipsSpecialTokens: noSpecialTokens)
      common.json ? Console.document(.object(["text": .string(text), "warnings": warnings])) : Console.output(text)
    } else if let text {
      let ids = try tokenizer.encode(text, addsSpecialTokens: !noSpecialTokens)
      common.json
        ? Console.document(.object(["ids": .array(ids.map { .integer($0) }), "warnings": warnings]))
        : Console.output(ids.map(String.init).joined(separator: ","))
    }
  }
}
