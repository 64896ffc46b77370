import ByteStorage
import Models
import TestSupport
import Testing

/// Scaled rotary frequencies, held against those of transformers, and how configurations say them.
struct ScalingTests {
  private static let limits = JSONLimits(bytes: 1 << 20, depth: 8, values: 10_000, stringBytes: 1 << 16)

  private static func vectors() throws -> [JSONValue] {
    let bytes = try Fixtures.bytes("rotary/vectors.json")
    return try #require(try JSONValue.parse(bytes.rawBytes, limits: limits)["cases"]?.array)
  }

  private static func read(_ config: JSONValue) throws -> TransformerConfiguration {
    try TransformerConfiguration(reading: ConfigDocument(config, file: "config.json"))
  }

  private static func compare(_ configuration: TransformerConfiguration, _ results: [JSONValue]) throws {
    for result in results {
      let length = try #require(result["length"]?.integer)
      let expected = try #require(result["inverse_frequencies"]?.string).split(separator: " ").map {
        Float(bitPattern: try #require(UInt32($0, radix: 16)))
      }
      // The token at a position ends a text of one token more.
      let mine = configuration.rotary.inverseFrequencies(
        headDimension: configuration.headDimension, position: max(length - 1, 0))
      try #require(mine.count == expected.count)
      for (mine, expected) in zip(mine, expected) { #expect(abs(mine - expected) <= 1e-6 * expected) }
      let factor = try #require(result["attention_factor"]?.double)
      #expect(abs(configuration.rotary.attentionFactor - factor) <= 1e-6 * factor)
    }
  }

  @Test func everyTypeGivesTheFrequenciesOfTransformers() throws {
    let cases = try ScalingTests.vectors()
    var types: Set<String> = []
    for vector in cases {
      let (config, results) = (try #require(vector["config"]), try #require(vector["results"]?.array))
      try ScalingTests.compare(ScalingTests.read(config), results)
      types.insert(config["rope_scaling"]?["rope_type"]?.string ?? config["rope_scaling"]?["type"]?.string ?? "")
    }
    #expect(types == ["linear", "dynamic", "llama3", "yarn"])
  }

  /// Newer files put base and scaling together.
  @Test func parametersInOneDictionaryMeanTheSame() throws {
    for vector in try ScalingTests.vectors() {
      var config = try #require(vector["config"]?.object)
      var parameters = try #require(config["rope_scaling"]?.object)
      parameters["rope_theta"] = config["rope_theta"]
      (config["rope_parameters"], config["rope_scaling"], config["rope_theta"]) = (.object(parameters), nil, nil)
      try ScalingTests.compare(ScalingTests.read(.object(config)), try #require(vector["results"]?.array))
    }
  }

  @Test func normalisedDocumentsReadBackAsTheSame() throws {
    for vector in try ScalingTests.vectors() {
      let configuration = try ScalingTests.read(try #require(vector["config"]))
      let text = JSONValue.object(configuration.document).encoded(pretty: false)
      let again = try ScalingTests.read(JSONValue.parse(text.rawBytes, limits: ScalingTests.limits))
      #expect(again == configuration && again.document == configuration.document)
      let written = try #require(configuration.document["rope_scaling"])
      #expect(written["rope_type"]?.string != nil && written["type"] == nil)
      try ScalingTests.compare(again, try #require(vector["results"]?.array))
    }
  }

  private static let base: JSONObject = [
    "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 100,
  ]

  private static func refusal(_ changes: JSONObject) -> GriffinError? {
    var config = base
    for member in changes.members { config[member.key] = member.value }
    return #expect(throws: GriffinError.self) { try read(.object(config)) }
  }

  @Test(arguments: ["longrope", "su", "mrope", "ntk", "proportional", "LINEAR"])
  func unknownTypesAreRefusedByName(type: String) {
    for key in ["rope_scaling", "rope_parameters"] {
      for member in ["type", "rope_type"] {
        let error = ScalingTests.refusal([key: [member: .string(type), "factor": 2.0]])
        #expect(error?.kind == .unsupported)
        #expect(error?.message == "rope_scaling is of type \(type), which is not known; positions would be wrong")
      }
    }
  }

  @Test func numbersThatATypeNeedsAreNamed() {
    let cases: [(JSONObject, String)] = [
      (["rope_scaling": ["type": "linear"]], "rope_scaling has no factor, which its type needs"),
      (["rope_scaling": ["type": "linear", "factor": 0.5]], "factor is 0.5; expected 1.0 to 1000000.0"),
      (["rope_scaling": ["type": "linear", "factor": "4"]], "factor is \"4\"; expected a number"),
      (
        ["rope_scaling": ["type": "dynamic", "factor": 2.0]],
        "max_position_embeddings is missing; rope_scaling of type dynamic needs it"
      ),
      (
        ["rope_scaling": ["rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0]],
        "rope_scaling has no original_max_position_embeddings, which its type needs"
      ),
      (
        ["max_position_embeddings": 99, "rope_scaling": ["rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0]],
        "rope_scaling has no high_freq_factor, which its type needs"
      ),
      (
        [
          "max_position_embeddings": 99,
          "rope_scaling": ["rope_type": "llama3", "factor": 8.0, "low_freq_factor": 4.0, "high_freq_factor": 4.0],
        ], "rope_scaling: low_freq_factor 4.0 is not below high_freq_factor 4.0"
      ),
      (
        ["max_position_embeddings": 64, "rope_scaling": ["type": "yarn", "original_max_position_embeddings": 65]],
        "rope_scaling has no factor, which its type needs"
      ),
      (["partial_rotary_factor": 0.5], "partial_rotary_factor is 0.5; only rotation of whole heads is known"),
      (
        ["rope_parameters": ["rope_theta": 10000.0, "partial_rotary_factor": 0.25]],
        "partial_rotary_factor is 0.25; only rotation of whole heads is known"
      ),
      (["rope_freq_factors": [1.0, 2.0]], "rope_freq_factors has 2 numbers; a head of 16 has 8 pairs"),
      (["rope_freq_factors": [1.0, 0.0]], "rope_freq_factors is not a list of positive numbers"),
    ]
    for (changes, message) in cases { #expect(ScalingTests.refusal(changes)?.message == message) }
  }

  @Test func parametersWithoutATypeScaleNothing() throws {
    var config = ScalingTests.base
    config["rope_parameters"] = ["rope_theta": 5000.0]
    let rotary = try ScalingTests.read(.object(config)).rotary
    #expect(rotary.scaling == .none && rotary.base == 5000 && rotary.attentionFactor == 1)
    config["rope_scaling"] = [:]
    #expect(try ScalingTests.read(.object(config)).rotary == rotary)
  }

  @Test func yarnWithoutAFactorTakesTheRatioOfLengths() throws {
    var (stated, silent) = (ScalingTests.base, ScalingTests.base)
    stated["rope_scaling"] = ["type": "yarn", "factor": 4.0, "original_max_position_embeddings": 1000]
    silent["max_position_embeddings"] = 4000
    silent["rope_scaling"] = ["type": "yarn", "original_max_position_embeddings": 1000]
    #expect(try ScalingTests.read(.object(stated)).rotary == ScalingTests.read(.object(silent)).rotary)
  }

  /// Factors of single pairs divide what the rule gives, and travel in the normalised document.
  @Test func factorsOfPairsDivideFrequencies() throws {
    var config = ScalingTests.base
    let plain = try ScalingTests.read(.object(config)).rotary.inverseFrequencies(headDimension: 16)
    let factors: [Float] = [1, 1, 1.5, 2, 3.3, 8, 8, 8]
    config["rope_freq_factors"] = .array(factors.map { .number(Double($0)) })
    let configuration = try ScalingTests.read(.object(config))
    #expect(configuration.rotary.inverseFrequencies(headDimension: 16) == zip(plain, factors).map { $0 / $1 })
    #expect(try ScalingTests.read(.object(configuration.document)) == configuration)
  }

  /// Up to the trained length nothing moves; beyond it each position has frequencies of its own.
  @Test func dynamicFrequenciesDependOnThePositionAlone() throws {
    var config = ScalingTests.base
    config["max_position_embeddings"] = 100
    config["rope_scaling"] = ["type": "dynamic", "factor": 2.0]
    let rotary = try ScalingTests.read(.object(config)).rotary
    #expect(rotary.fixedPositions == 100)
    let first = rotary.inverseFrequencies(headDimension: 16)
    #expect(rotary.inverseFrequencies(headDimension: 16, position: 99) == first)
    let later = rotary.inverseFrequencies(headDimension: 16, position: 100)
    #expect(later[0] == 1 && zip(later, first).dropFirst().allSatisfy { $0 < $1 })
  }
}
