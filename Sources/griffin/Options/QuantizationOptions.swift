import ArgumentParser
import ByteStorage
import Checkpoints
import Conversion
import Quantization
import Tensors

/// How weights are stored; shared by `convert` and `quantize`.
struct QuantizationOptions: ParsableArguments {
  static let recipeNames = Recipe.all.map(\.name).joined(separator: ", ")

  @Option(
    name: .long,
    help: ArgumentHelp("The draft's recipe (default: copy where the target's is copy, else q8_0).", valueName: "recipe"))
  var draftQuantize: String?

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "Store tensors whose name a regular expression is found in as a type; may be given again, the last that matches counts.",
      valueName: "pattern=type"))
  var tensorType: [String] = []

  @Option(name: .long, help: ArgumentHelp("The type of the output head.", valueName: "type"))
  var outputType: String?

  @Option(name: .long, help: ArgumentHelp("The type of token embeddings.", valueName: "type"))
  var embeddingType: String?

  @Option(
    name: .long,
    help: ArgumentHelp("An importance matrix, as griffin calibrate makes it of both halves, or llama.cpp of the target (GGUF or .dat).", valueName: "file"))
  var imatrix: String?

  @Flag(name: .long, help: "Say of every tensor that is encoded how far its values moved.")
  var stats = false

  @Flag(name: .long, help: "Quantize weights that are quantized already, at the cost of a second rounding.")
  var allowRequantize = false

  @Option(name: .long, help: ArgumentHelp("Memory that the conversion may take, such as 512MiB.", valueName: "size"))
  var memory: String?

  /// What both halves get.
  func selections(recipe name: String) throws(GriffinError) -> ConversionSources.Selections {
    let recipe = try Recipe.given(name)
    var target = TypeSelection(recipe, allowsRequantizing: allowRequantize)
    if let outputType { target.outputType = try TypeSelection.type(named: outputType, flag: "--output-type") }
    if let embeddingType { target.embeddingType = try TypeSelection.type(named: embeddingType, flag: "--embedding-type") }
    for text in tensorType { target.rules.append(try TypeSelection.Rule(parsing: text)) }
    if let imatrix {
      let file = try ImportanceFile(path: imatrix)
      for warning in file.warnings { Console.warning(warning) }
      target.importance = try file.matrix
    }
    var draft = target
    if let draftQuantize {
      draft.recipe = try Recipe.given(draftQuantize)
    } else {
      draft.recipe = Recipe.draftDefault(for: recipe)
    }
    return ConversionSources.Selections(target: target, draft: draft)
  }

  /// What the process may take of memory.
  func memoryByteCount() throws(GriffinError) -> Int { try ByteSize.memory(memory) }
}

/// Sizes as users write them.
enum ByteSize {
  /// The value of a `--memory` flag.
  /// - Throws: `usage` for what is no size, or too small a one.
  static func memory(_ text: String?) throws(GriffinError) -> Int {
    guard let text else { return ConversionPlan.defaultMemoryByteCount }
    guard let bytes = parse(text), (64 << 20...1 << 50).contains(bytes) else {
      throw GriffinError(.usage, "--memory \(text.shortened(to: 40)): expected a size of at least 64MiB, such as 512MiB or 1GB")
    }
    return bytes
  }

  /// Bytes of `512MiB`, `512M` (binary) or `1GB` (decimal); nil for anything else.
  static func parse(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let units = [
      "": 1, "b": 1, "k": 1 << 10, "kib": 1 << 10, "kb": 1000, "m": 1 << 20, "mib": 1 << 20, "mb": 1_000_000, "g": 1 << 30,
      "gib": 1 << 30, "gb": 1_000_000_000, "t": 1 << 40, "tib": 1 << 40, "tb": 1_000_000_000_000,
    ]
    guard let count = Int(digits), let unit = units[text.dropFirst(digits.count).lowercased()] else { return nil }
    return count.multiplied(by: unit)
  }
}
