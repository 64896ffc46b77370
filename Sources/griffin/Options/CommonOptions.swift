import ArgumentParser
import Bundles
import ByteStorage
import SpeculativeDecoding
import Verification

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What every command takes.
struct CommonOptions: ParsableArguments {
  @Flag(name: .long, help: "Write one JSON document to standard output and nothing else.")
  var json = false

  @Option(name: .long, help: ArgumentHelp("Threads to work on.", valueName: "n"))
  var threads: Int?

  func validate() throws {
    guard let threads else { return }
    guard (1...1024).contains(threads) else { throw ValidationError("--threads is \(threads); expected 1 to 1024") }
    if threads > Workers.processorCount {
      Console.warning("--threads is \(threads), and there are \(Workers.processorCount) processors: threads will wait for each other")
    }
  }

  /// The threads to work on: all the machine has, unless told otherwise.
  var threadCount: Int { threads ?? Workers.processorCount }
}

/// How a decode is drafted and ended; shared by `verify` and `generate`.
struct DecodeOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("New tokens per prompt (default: 32).", valueName: "n"))
  var maxNewTokens: Int?

  @Option(name: .long, help: ArgumentHelp("Nodes of a draft tree with its root (default: 60).", valueName: "n"))
  var totalTokens: Int?

  @Option(name: .long, help: ArgumentHelp("Draft passes after the first (default: 5, for EAGLE-3 drafts 7).", valueName: "n"))
  var depth: Int?

  @Option(name: .long, help: ArgumentHelp("Beams of a draft pass and children of a beam (default: 10).", valueName: "n"))
  var topK: Int?

  @Option(name: .long, help: ArgumentHelp("Draw tokens at this temperature; 0 decodes greedily.", valueName: "t"))
  var temperature = 0.0

  @Option(name: .long, help: ArgumentHelp("Draw from the most likely tokens with this probability together.", valueName: "p"))
  var topP = 1.0

  @Option(name: .customLong("sample-top-k"), help: ArgumentHelp("Draw from this many most likely tokens; 0 is all.", valueName: "n"))
  var sampleTopK = 0

  @Option(name: .long, help: ArgumentHelp("Where the generator of draws starts (SplitMix64).", valueName: "n"))
  var seed: UInt64 = 0

  @OptionGroup var treeOption: TreeOption

  /// How tokens are drawn: temperature, then top-k, then top-p; nil is greedy.
  var sampling: SamplingSettings? {
    temperature == 0 ? nil : SamplingSettings(temperature: temperature, topK: sampleTopK, topP: topP, seed: seed)
  }

  /// Greedy settings; `sampling` comes beside.
  var settings: DecodeSettings {
    var settings = DecodeSettings()
    if let maxNewTokens { settings.maxNewTokens = maxNewTokens }
    if let totalTokens { settings.totalTokens = totalTokens }
    if let depth { settings.depth = depth }
    if let topK { settings.topK = topK }
    return settings
  }

  /// The flags that a trace decides itself, as the user wrote them.
  var given: [String] { (maxNewTokens == nil ? [] : ["--max-new-tokens"]) + givenOfTree }

  /// Those of them that say how large trees are.
  private var givenOfTree: [String] {
    var given: [String] = []
    if totalTokens != nil { given.append("--total-tokens") }
    if depth != nil { given.append("--depth") }
    if topK != nil { given.append("--top-k") }
    return given
  }

  /// The tree that was chosen for the bundle, where the user wants that one; what there is to say of it comes beside.
  func tunedTree(for bundle: ModelBundle) throws(GriffinError) -> (shape: TreeShape, warning: String?)? {
    try treeOption.shape(for: bundle, given: givenOfTree)
  }
}

/// A list of token ids as users write it: `1,2,3`.
struct TokenList: ExpressibleByArgument {
  let ids: [Int]

  init?(argument: String) {
    var ids: [Int] = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let id = Int(part.filter { $0 != " " }), id >= 0 else { return nil }
      ids.append(id)
    }
    self.ids = ids
  }
}

/// Ends the program.
func exit(_ status: ExitStatus) -> Never {
  #if canImport(Glibc)
    Glibc.exit(status.rawValue)
  #else
    Darwin.exit(status.rawValue)
  #endif
}
