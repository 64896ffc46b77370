import ArgumentParser
import ByteStorage
import Conversion
import Quantization

struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Pack released checkpoints into one bundle.",
    usage: "griffin convert [--target <src>] [--draft <src>] -o <out> [<options>]",
    discussion: """
      SRC is a Hugging Face folder, an archive of one (.tar, .tar.gz, .tar.xz, .tar.zst, .zip), a .gguf file, a single \
      .safetensors or .bin file with config.json beside it, or OWNER/NAME or OWNER/NAME@REVISION of a repository in the local \
      Hugging Face cache (HF_HUB_CACHE, HF_HOME), or an address of a folder or file: https://..., s3://BUCKET/PREFIX, \
      hf://OWNER/NAME[@REVISION], read by range, nothing of it stored. A half of a bundle will do, too, as it is or as griffin pack packed it.

      EXAMPLES:
        griffin convert --target Llama-2-7b-chat-hf --draft GRIFFIN-llama2-chat-7B \\
            -o pair.griffin
        griffin convert --target meta-llama/Llama-2-7b-chat-hf \\
            --draft husj576/GRIFFIN-llama2-chat-7B -o pair.griffin
        griffin convert --target hf://lmsys/vicuna-7b-v1.5 -o target.griffin
        griffin convert --target vicuna-7b-v1.5 -o target.griffin --quantize q4_k_m
        griffin convert --target Llama-2-7b-chat-hf --draft GRIFFIN-llama2-chat-7B \\
            -o pair.griffin --dry-run
        griffin convert --target Llama-2-7b-chat-hf --draft GRIFFIN-llama2-chat-7B \\
            -o pair.griffin --resume
      """)

  @Option(name: .long, help: ArgumentHelp("The target model.", valueName: "src"))
  var target: String?

  @Option(name: .long, help: ArgumentHelp("The draft that speculates for it.", valueName: "src"))
  var draft: String?

  @Option(
    name: .long,
    help: ArgumentHelp("What the draft is, where its tensors do not tell: griffin, eagle, hass or eagle3.", valueName: "kind"))
  var draftKind: String?

  @Option(name: .long, help: ArgumentHelp("How to store weights: \(QuantizationOptions.recipeNames).", valueName: "recipe"))
  var quantize = Recipe.copy.name

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Let a draft that uses its target's head draft the N most frequent tokens of --text alone, by a smaller head of its own.", valueName: "n"))
  var trimVocab: Int?

  @Option(name: .long, help: ArgumentHelp("The text that --trim-vocab counts tokens of; - is standard input.", valueName: "file"))
  var text: String?

  @OptionGroup var quantization: QuantizationOptions
  @OptionGroup var writing: WritingOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if (trimVocab == nil) != (text == nil) { throw ValidationError("--trim-vocab N and --text FILE go together") }
    if let trimVocab, trimVocab < 1 { throw ValidationError("--trim-vocab is \(trimVocab); expected 1 or more") }
    if trimVocab != nil, writing.planOut != nil { throw ValidationError("--plan-out plans no --trim-vocab; convert without a plan") }
  }

  func run() throws {
    let start = ContinuousClock.now
    let sources = try sources()
    let places = PlanFile.Sources(
      target: target.map(PlanPlaces.absolute), draft: draft.map(PlanPlaces.absolute), draftKind: draftKind,
      importance: quantization.imatrix.map(PlanPlaces.absolute))
    try writing.write(sources, from: places, quantization, start: start, common: common)
  }
  /// What is converted, and how.
  func sources() throws -> ConversionSources {
    let trim = try trimVocab.map { VocabularyTrim(count: $0, text: try PlainText.read(path: text ?? PlainText.standardInput)) }
    return try ConversionSources(
      target: target, draft: draft, draftKind: draftKind, trim: trim, selections: try quantization.selections(recipe: quantize),
      options: SourcePlaces.options(output: writing.dryRun ? nil : writing.output, goesFar: true))
  }
}
