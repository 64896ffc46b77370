import ArgumentParser
import ByteStorage
import Conversion
import SpeculativeDecoding
import Verification

/// What `verify` holds a bundle against.
struct ComparisonOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("Compare distributions and acceptance with this target, or with this bundle's pair.", valueName: "src|bundle"))
  var against: String?

  @Option(name: .long, help: ArgumentHelp("The draft that goes with --against.", valueName: "src"))
  var againstDraft: String?

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      """
      Replace a tolerance of --against: \(FidelityTolerances.names.joined(separator: ", ")). Without it the defaults go by the \
      coarsest converted type: nothing converted must be equal to the bit; mean KL 0.002 for 16-bit floats, 0.005 for q8_0, 0.02 \
      for q6_k, 0.05 for 5 bits, 0.15 for 4, 0.5 for 3, 2 below.
      """, valueName: "name=value"))
  var tolerance: [String] = []

  @Flag(name: .long, help: "Go on with more prompts until what --against compares is decided one way or the other.")
  var untilDecided = false

  @Option(name: .long, help: ArgumentHelp("With --until-decided: stop at this many tokens of text (default: 32768).", valueName: "n"))
  var maxTokens: Int?

  @Option(name: .long, help: ArgumentHelp("Fail where the acceptance length is below this.", valueName: "x"))
  var minAcceptance: Double?

  @Option(
    name: .long,
    help: ArgumentHelp("With --temperature: walks over drafted trees whose outcome is tested (default: 20000).", valueName: "n"))
  var draws: Int?

  /// Opens what there is to compare with.
  func apply(to request: inout VerificationRequest, sampling: SamplingSettings?) throws {
    if against == nil, againstDraft != nil || !tolerance.isEmpty {
      throw GriffinError(.usage, "--against-draft and --tolerance go with --against")
    }
    if untilDecided, against == nil { throw GriffinError(.usage, "--until-decided goes with --against") }
    if let maxTokens {
      guard untilDecided else { throw GriffinError(.usage, "--max-tokens goes with --until-decided") }
      guard (1...10_000_000).contains(maxTokens) else { throw GriffinError(.usage, "--max-tokens is \(maxTokens); expected 1 to 10000000") }
      request.maximumTokens = maxTokens
    }
    request.untilDecided = untilDecided
    if draws != nil, sampling == nil { throw GriffinError(.usage, "--draws goes with --temperature above 0") }
    if let draws, !(1...100_000_000).contains(draws) {
      throw GriffinError(.usage, "--draws is \(draws); expected 1 to 100000000")
    }
    request.against = try against.map {
      try ModelSource.pair(path: $0, draft: againstDraft, options: SourcePlaces.options())
    }
    request.tolerances = tolerance
    var probe = FidelityTolerances.exact
    for text in tolerance { try probe.set(parsing: text) }
    request.minimumAcceptance = minAcceptance
    request.sampling = sampling.map { ($0, draws ?? 20_000) }
  }
}
