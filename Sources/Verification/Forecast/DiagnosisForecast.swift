internal import Bundles
internal import ByteStorage
internal import Conversion
internal import Models
package import SpeculativeDecoding
internal import Tensors

/// What looking for the cause of a low acceptance takes, reckoned from the same passes as what is decoded before it.
///
/// It goes by the experiments that are always made and, where there is a source, by one cause that they find.
package struct DiagnosisForecast {
  private let packed: PairModels
  private let source: PairModels?
  private let passes: PassSeconds
  private let settings: DecodeSettings

  /// - Parameter source: nil where there is nothing to compare with.
  package init(packed: PairModels, source: PairModels?, passes: PassSeconds, settings: DecodeSettings) {
    (self.packed, self.source, self.passes, self.settings) = (packed, source, passes, settings)
  }

  /// What comparing a weight with the source's takes, by all that may have happened to it.
  private static let comparisonSeconds = 8e-9
  /// What reading and moving a weight takes.
  private static let movingSeconds = 50e-9

  /// - Parameters:
  ///   - textTokens: Tokens of text that there are for experiments.
  ///   - formats: Formats that prompts can be written in beside their own; 0 where they are ids.
  ///   - prompts: How many there are.
  ///   - promptTokens: Of a prompt.
  package func seconds(textTokens: Int, formats: Int, prompts: Int, promptTokens: Double) -> Double {
    let full = Double(min(Diagnostician.textTokens, textTokens))
    let quick = Double(min(Diagnostician.quickTokens, textTokens))
    var seconds = full * (passes.textToken + following)
    if let source { seconds += comparison(source, full) + Double(min(Verifier.measuredPrompts, prompts)) * repaired(promptTokens) }
    seconds += alternatives(quick)
    let answer = Double(settings.maxNewTokens)
    let trial = answer * passes.plainToken + (promptTokens + answer) * (passes.promptToken + passes.textToken + following)
    return seconds + (formats > 0 ? Double(formats + 1) * trial : 0)
  }

  /// Seconds of a token through the draft, as a text is followed.
  private var following: Double { passes.draftToken + passes.headToken }

  /// A prompt decoded without what is wrong, so that acceptance is low no more.
  private func repaired(_ promptTokens: Double) -> Double {
    let tokensPerCycle = max(passes.tokensPerCycle, Verifier.leastAcceptance(settings))
    return promptTokens * (passes.promptToken + passes.draftToken) + Double(settings.maxNewTokens) * passes.cycle / tokensPerCycle
  }

  /// Each part of the source in the packed pair's place.
  private func comparison(_ source: PairModels, _ full: Double) -> Double {
    let target = DiagnosisForecast.differences(packed.target.tensors, source.target.tensors)
    var seconds = Double(target.weights) * DiagnosisForecast.comparisonSeconds
    seconds += Double(target.groups + 1) * full * (passes.textToken + following)
    if let own = packed.draft?.tensors, let other = source.draft?.tensors {
      let draft = DiagnosisForecast.differences(own, other)
      seconds += Double(draft.weights) * DiagnosisForecast.comparisonSeconds + Double(draft.groups + 1) * full * following
    }
    return seconds
  }

  /// Groups of tensors that are stored otherwise than the source's, and the weights in them whose values are compared.
  private static func differences(_ mine: BoundTensors, _ theirs: BoundTensors) -> (groups: Int, weights: Int) {
    var (groups, weights) = (Set<TensorGroup>(), 0)
    for binding in mine.bindings {
      let tensor = mine.source.tensors[binding.index]
      guard let other = theirs[binding.role], theirs.source.tensors[other].type != tensor.type else { continue }
      groups.insert(TensorGroup(binding.role))
      if tensor.shape.elementCount <= BoundTensors.closeLookElements { weights += tensor.shape.elementCount }
    }
    return (groups.count, weights)
  }

  /// What the pair could be instead, over the shorter text.
  private func alternatives(_ quick: Double) -> Double {
    guard let draft = packed.draft else { return 0 }
    let suspects = ConfigurationAlternatives(host: packed.target, guest: draft).all() + TensorAlternatives(host: packed.target, guest: draft).all()
    var seconds = quick * (passes.textToken + following)
    for suspect in suspects where suspect.movedWeights <= BoundTensors.closeLookElements {
      // Another target, or other layers of it, is read anew.
      let isReadAnew = suspect.half == .target || suspect.kind == "taps"
      seconds += quick * (following + (isReadAnew ? passes.textToken : 0))
      seconds += Double(suspect.movedWeights) * DiagnosisForecast.movingSeconds
    }
    return seconds
  }
}
