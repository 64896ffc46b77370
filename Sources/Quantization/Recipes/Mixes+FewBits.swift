internal import Tensors

extension Mix {
  /// Those whose types have codebooks, and the ternary ones.
  static let fewBits: [Mix] =
    [
      Mix(
        name: "iq3_m", type: .iq3_s,
        exceptions: [
          Exception(.value, .always, .q4_k),
          Exception(.down, .firstFraction(8), .q4_k),
          Exception(.down, .both(.spacedLayers, .eightExperts), .q4_k),
          Exception(.attentionOutput, .eightExperts, .q5_k),
          Exception(.attentionOutput, .always, .q4_k),
        ]),
      Mix(
        name: "iq3_s", type: .iq3_s,
        exceptions: [
          Exception(.value, .sharedKeys, .q4_k),
          Exception(.attentionOutput, .eightExperts, .q5_k),
        ]),
      Mix(
        name: "iq3_xs", type: .iq3_s,
        exceptions: [
          Exception(.value, .sharedKeys, .q4_k),
          Exception(.query, .always, .iq3_xxs),
          Exception(.key, .always, .iq3_xxs),
          Exception(.gate, .middleLayers, .iq3_xxs),
          Exception(.up, .middleLayers, .iq3_xxs),
          Exception(.attentionOutput, .eightExperts, .q5_k),
        ]),
      Mix(
        name: "iq3_xxs", type: .iq3_xxs, outputHead: .q5_k, tokenEmbedding: .iq3_s,
        exceptions: [
          Exception(.value, .sharedKeys, .q4_k),
          Exception(.value, .withoutImportance, .iq3_s),
          Exception(.query, .always, .iq2_s),
          Exception(.key, .always, .iq2_s),
          Exception(.down, .both(.firstFraction(8), .withoutImportance), .q4_k),
          Exception(.down, .withoutImportance, .q3_k),
          Exception(.attentionOutput, .eightExperts, .q5_k),
          Exception(.attentionOutput, .always, .iq3_s),
        ]),
      fewest("iq2_m", .iq2_s, spared: .iq3_s, attentionOutput: .iq3_s),
      fewest("iq2_s", .iq2_xs, spared: .iq3_s, attentionOutput: .iq3_s),
      fewest("iq2_xs", .iq2_xs, spared: .q2_k, attentionOutput: .iq2_xs),
      fewest("iq2_xxs", .iq2_xxs, spared: .q2_k, attentionOutput: .iq2_xxs),
      fewest("iq1_m", .iq1_m, spared: .q2_k, attentionOutput: .iq2_xxs),
      fewest("iq1_s", .iq1_s, spared: .q2_k, attentionOutput: .iq2_xxs),
      Mix(name: "tq1_0", type: .tq1_0, tokenEmbedding: .q4_k, exceptions: []),
      Mix(name: "tq2_0", type: .tq2_0, tokenEmbedding: .q4_k, exceptions: []),
    ]

  /// A mix of two bits or less.
  /// - Parameters:
  ///   - spared: What token embeddings, values and the first layers' down projections get.
  private static func fewest(_ name: String, _ type: ElementType, spared: ElementType, attentionOutput: ElementType) -> Mix {
    Mix(
      name: name, type: type, outputHead: .q5_k, tokenEmbedding: spared, sparesKeys: false,
      exceptions: [
        Exception(.value, .sharedKeys, .q4_k),
        Exception(.value, .manyExperts, .q4_k),
        Exception(.value, .always, spared),
        Exception(.key, .eightExperts, .q4_k),
        Exception(.down, .firstFractionOfDowns(8), spared),
        Exception(.attentionOutput, .eightExperts, .q5_k),
        Exception(.attentionOutput, .always, attentionOutput),
      ])
  }
}
