internal import Bundles
internal import ByteStorage
internal import Models

/// What the configuration of a pair could say instead: for drafts whose source says the same, or that have none.
struct ConfigurationAlternatives {
  let host: TargetModel
  let guest: DraftModel

  func all() -> [Suspect] { taps() + rotations() + norms() + heads() }

  /// The pair with another configuration of one half.
  private func alternative(
    _ half: Component, _ kind: String, _ cause: String, _ remedy: String, _ change: @escaping (inout TransformerConfiguration) -> Void
  ) -> Suspect {
    let own = half == .draft ? guest.configuration : host.configuration
    return Suspect(
      kind: kind, cause: cause, remedy: remedy, half: half, precision: .exact, parts: ["\(half) configuration \(kind)"],
      repaired: {
        var configuration = own
        change(&configuration)
        guard configuration != own else { return nil }
        return half == .draft
          ? PairModels(target: host, draft: try guest.altered(configuration)) : PairModels(target: try host.altered(configuration), draft: guest)
      })
  }

  /// The states that an EAGLE-3 draft reads: those of the neighbouring layers, all together and one by one.
  private func taps() -> [Suspect] {
    let count = host.configuration.layerCount
    guard let eagle3 = guest.configuration.eagle3, let now = try? eagle3.tappedLayers(ofTarget: count) else { return [] }
    func list(_ layers: [Int]) -> String { layers.map(String.init).joined(separator: ", ") }
    var seen: Set<[Int]> = [now]
    var suspects: [Suspect] = []
    func add(_ layers: [Int], _ reason: String) {
      // As outputs they mean what they say, whatever the standard ones are.
      let rule = Eagle3Configuration.TapRule.layerOutputs(layers.map { $0 - 1 })
      var configuration = eagle3
      configuration.taps = rule
      guard seen.insert(layers).inserted, (try? configuration.tappedLayers(ofTarget: count)) == layers else { return }
      suspects.append(
        alternative(
          .draft, "taps", "the draft reads the states before layers \(list(now)) of its target (tap layers), and \(list(layers)) are right: \(reason)",
          "set eagle_aux_hidden_state_layer_ids of the draft's config.json to \(layers), and convert again") { $0.eagle3?.taps = rule })
    }
    add(now.map { $0 + 1 }, "eagle_aux_hidden_state_layer_ids counts outputs here, and was taken to count inputs")
    add(now.map { $0 - 1 }, "eagle_aux_hidden_state_layer_ids counts inputs here, and was taken to count outputs")
    add([2, count / 2, count - 3], "they are those of the released implementation")
    add([1, count / 2 - 1, count - 4], "they are those of the released implementation, one lower")
    for place in now.indices {
      for step in [-1, 1] {
        var layers = now
        layers[place] += step
        add(layers, "one of the states is a neighbour's")
      }
    }
    return suspects
  }

  private func rotations() -> [Suspect] {
    let (own, other) = (guest.configuration.rotary, host.configuration.rotary)
    let bases: [Double] = [10_000, 500_000, 1_000_000, 8_000_000, other.base, 100_000, 1_000]
    var suspects: [Suspect] = []
    for base in unique(bases) where base != own.base {
      suspects.append(
        alternative(
          .draft, "rope_theta", "the draft's rope_theta is \(number(own.base)), and it was trained with \(number(base))",
          "set rope_theta of the draft's config.json to \(number(base)), and convert again") { $0.rotary.base = base })
    }
    for base in unique([10_000, 500_000, 1_000_000]) where base != other.base {
      suspects.append(
        alternative(
          .target, "rope_theta", "the target's rope_theta is \(number(other.base)), and it was trained with \(number(base))",
          "set rope_theta of the target's config.json to \(number(base)), and convert again") { $0.rotary.base = base })
    }
    func scaling(_ members: JSONObject) -> RotaryScaling? {
      var document = guest.configuration.document
      document["rope_scaling"] = .object(members)
      return try? TransformerConfiguration(reading: ConfigDocument(.object(document), file: nil)).rotary.scaling
    }
    var scalings: [(String, RotaryScaling?)] = [("none", RotaryScaling.none), ("the target's", other.scaling)]
    for factor in [2, 4, 8] { scalings.append(("linear with factor \(factor)", scaling(["rope_type": "linear", "factor": .integer(factor)]))) }
    for factor in [8, 32] {
      scalings.append((
        "llama3's with factor \(factor)",
        scaling([
          "rope_type": "llama3", "factor": .integer(factor), "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 8192,
        ])
      ))
    }
    for (name, scaling) in scalings {
      guard let scaling, scaling != own.scaling else { continue }
      suspects.append(
        alternative(
          .draft, "rope_scaling", "the draft's rope_scaling is not the one that it was trained with, which is \(name)",
          "set rope_scaling of the draft's config.json, and convert again") {
          $0.rotary.scaling = scaling
          $0.rotary.frequencyFactors = nil
        })
    }
    suspects.append(
      alternative(.target, "rope_scaling", "the target's rope_scaling is not one that it was trained with", "take rope_scaling out of the target's config.json, and convert again") {
        $0.rotary.scaling = .none
        $0.rotary.frequencyFactors = nil
      })
    return suspects
  }

  private func norms() -> [Suspect] {
    let own = guest.configuration.rmsNormEpsilon
    var suspects = unique([1e-6, 1e-5, host.configuration.rmsNormEpsilon]).filter { $0 != own }.map { epsilon in
      alternative(
        .draft, "norm_epsilon", "the draft's rms_norm_eps is \(own), and it was trained with \(epsilon)",
        "set rms_norm_eps of the draft's config.json to \(epsilon), and convert again") { $0.rmsNormEpsilon = epsilon }
    }
    if let eagle3 = guest.configuration.eagle3 {
      suspects.append(
        alternative(
          .draft, "residual_norm", "the draft's norm_before_residual is \(eagle3.normalisesResidual), and it was trained the other way",
          "set norm_before_residual of the draft's config.json to \(!eagle3.normalisesResidual), and convert again") {
          $0.eagle3?.normalisesResidual.toggle()
        })
    }
    return suspects
  }

  /// As many elements in heads twice or half as wide.
  private func heads() -> [Suspect] {
    let now = guest.configuration
    var shapes: [(heads: Int, keyValueHeads: Int, dimension: Int)] = []
    for factor in [2, 4] {
      if now.headDimension % (2 * factor) == 0 {
        shapes.append((now.headCount * factor, now.keyValueHeadCount * factor, now.headDimension / factor))
      }
      if now.headCount % factor == 0, now.keyValueHeadCount % factor == 0 {
        shapes.append((now.headCount / factor, now.keyValueHeadCount / factor, now.headDimension * factor))
      }
    }
    return shapes.map { shape in
      alternative(
        .draft, "heads", "the draft's num_attention_heads is \(now.headCount), and it was trained with \(shape.heads)",
        "set num_attention_heads and num_key_value_heads of the draft's config.json to \(shape.heads) and \(shape.keyValueHeads), and convert again"
      ) { ($0.headCount, $0.keyValueHeadCount, $0.headDimension) = (shape.heads, shape.keyValueHeads, shape.dimension) }
    }
  }

  private func unique(_ values: [Double]) -> [Double] {
    var seen: Set<Double> = []
    return values.filter { seen.insert($0).inserted }
  }

  private func number(_ value: Double) -> String { value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)" }
}
