import ByteStorage

extension ConfigCorpus {
  private static func scaling(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String, _ value: JSONValue, positions: Int? = 64
  ) -> HostileCase {
    refuse("rope-\(name)", words, kind, mention) { config in
      config["rope_scaling"] = value
      config["max_position_embeddings"] = positions.map { .integer($0) } ?? .null
    }
  }

  private static let unknown = "R3. A type that is not in the table is refused by name."
  private static let factor = "`factor` MUST be at least 1"
  private static let members = "A member that its type needs MUST be there"

  static let rotation: [HostileCase] = [
    scaling("type-unknown", unknown, .unsupported, "longrope", ["type": "longrope", "factor": 2.0]),
    scaling("type-a-control-sequence", unknown, .unsupported, "rope_scaling", ["type": "\u{1B}[2J", "factor": 2.0]),
    scaling("type-a-number", unknown, .unsupported, "rope_scaling", ["rope_type": 3, "factor": 2.0]),
    scaling("without-a-type", unknown, .unsupported, "(unnamed)", ["factor": 2.0]),
    scaling("a-list", unknown, .unsupported, "rope_scaling", [["type": "linear"]]),
    scaling("a-word", unknown, .unsupported, "rope_scaling", "linear"),
    scaling("linear-without-factor", members, .malformed, "factor", ["type": "linear"]),
    scaling("factor-zero", factor, .malformed, "factor is 0", ["type": "linear", "factor": 0.0]),
    scaling("factor-negative", factor, .malformed, "factor is -2", ["type": "linear", "factor": -2.0]),
    scaling("factor-huge", factor, .malformed, "factor", ["type": "dynamic", "factor": 1e300]),
    scaling("factor-text", factor, .malformed, "factor", ["type": "linear", "factor": "2"]),
    scaling(
      "dynamic-without-positions", members, .malformed, "max_position_embeddings is missing", ["type": "dynamic", "factor": 2.0],
      positions: nil),
    scaling(
      "llama3-without-low", members, .malformed, "low_freq_factor",
      ["rope_type": "llama3", "factor": 8.0, "high_freq_factor": 4.0]),
    scaling(
      "llama3-without-high", members, .malformed, "high_freq_factor",
      ["rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0]),
    scaling(
      "llama3-bands-equal", "low MUST be below high", .malformed, "low_freq_factor",
      ["rope_type": "llama3", "factor": 8.0, "low_freq_factor": 4.0, "high_freq_factor": 4.0]),
    scaling(
      "llama3-original-zero", members, .malformed, "original_max_position_embeddings",
      [
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 0,
      ]),
    scaling("yarn-shrinks", factor, .malformed, "factor", ["type": "yarn", "original_max_position_embeddings": 128]),
    scaling("yarn-beta-zero", members, .malformed, "beta_fast", ["type": "yarn", "factor": 2.0, "beta_fast": 0]),
    refuse("theta-zero", "`rope_theta` 1 to 1e18", .malformed, "rope_theta is 0", set: "rope_theta", 0),
    refuse("theta-text", "`rope_theta` 1 to 1e18", .malformed, "rope_theta", set: "rope_theta", "10000"),
    refuse("theta-huge", "`rope_theta` 1 to 1e18", .malformed, "rope_theta", set: "rope_theta", 1e300),
    refuse("rope-parameters-a-list", "K4. A member of another type", .malformed, "object", set: "rope_parameters", [1]),
    refuse(
      "rope-parameters-theta-negative", "`rope_theta` 1 to 1e18", .malformed, "rope_theta", set: "rope_parameters",
      ["rope_theta": -1.0]),
    refuse(
      "rope-parameters-type-unknown", unknown, .unsupported, "su", set: "rope_parameters", ["rope_type": "su", "factor": 2.0]),
    refuse(
      "partial-rotation", "R4. `partial_rotary_factor` MUST be 1", .unsupported, "partial_rotary_factor is 0.5",
      set: "partial_rotary_factor", 0.5),
    refuse(
      "partial-rotation-text", "R4. `partial_rotary_factor` MUST be 1", .malformed, "partial_rotary_factor",
      set: "partial_rotary_factor", "all"),
    refuse(
      "frequency-factors-too-many", "R5. A manifest MAY hold `rope_freq_factors`", .inconsistent, "rope_freq_factors has 5",
      set: "rope_freq_factors", [1, 1, 1, 1, 1]),
    refuse(
      "frequency-factors-zero", "R5. A manifest MAY hold `rope_freq_factors`", .malformed, "rope_freq_factors",
      set: "rope_freq_factors", [1, 0, 1, 1]),
  ]
}
