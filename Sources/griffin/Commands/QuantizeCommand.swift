import ArgumentParser
import Bundles
import ByteStorage
import Conversion

struct Quantize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a bundle with smaller weights of a bundle.",
    usage: "griffin quantize <bundle> --recipe <recipe> -o <out> [<options>]",
    discussion: """
      The result keeps configuration, tokenizer, provenance and remarks. Of a bundle made with the recipe copy it is, byte for \
      byte, what converting the checkpoints with that recipe would have made.

      EXAMPLES:
        griffin quantize pair.griffin --recipe q8_0 -o pair-q8_0.griffin
        griffin quantize pair.griffin --recipe q8_0 --draft-quantize copy \\
            -o pair-q8_0.griffin
        griffin quantize pair.griffin --recipe q8_0 --tensor-type 'lm_head=f16' \\
            -o pair-q8_0.griffin --dry-run
        griffin quantize pair.griffin --recipe q8_0 -o pair-q8_0.griffin --resume
      """)

  @Argument(help: "The bundle to read.")
  var input: String

  @Option(name: .long, help: ArgumentHelp("How to store weights: \(QuantizationOptions.recipeNames).", valueName: "recipe"))
  var recipe: String

  @OptionGroup var quantization: QuantizationOptions
  @OptionGroup var writing: WritingOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let start = ContinuousClock.now
    let selections = try quantization.selections(recipe: recipe)
    let sources = try ConversionSources(bundle: ModelSource.plainBundle(path: input, options: SourcePlaces.options(goesFar: true)), selections: selections)
    let places = PlanFile.Sources(bundle: PlanPlaces.absolute(input), importance: quantization.imatrix.map(PlanPlaces.absolute))
    try writing.write(sources, from: places, quantization, start: start, common: common)
  }
}
