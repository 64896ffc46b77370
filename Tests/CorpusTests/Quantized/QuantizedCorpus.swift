import ByteStorage
import Models
import TestSupport

/// Weights that other tools packed, right ones and wrong ones (`formats/packed-weights.md`).
enum QuantizedCorpus {
  private static let page = "packed-weights.md"
  private static let module = "model.layers.0.self_attn.q_proj."

  /// A part of the packed projection: how its name ends, its type, its shape, its bytes.
  typealias Part = (ending: String, type: String, shape: String, bytes: [UInt8])

  static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  /// Writes a target whose first query projection, [16, 16], or another matrix, is packed.
  static func make(_ statement: JSONValue?, _ parts: [Part], _ module: String = module) -> @Sendable (CorpusFolder) throws -> Void {
    let entries = parts.map { SafetensorsBuilder.Entry(module + $0.ending, $0.type, $0.shape, bytes: $0.bytes) }
    return { folder in
      try folder.writeTarget { file in
        file.entries.removeAll { $0.name == module + "weight" }
        file.entries += entries
      }
      var config = try TinyCheckpoint.target().config
      config["quantization_config"] = statement
      try folder.write(JSONValue.object(config).encoded(), to: "target/config.json")
    }
  }

  private static func refuse(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mentions: [String], _ statement: JSONValue?, _ parts: [Part]
  ) -> HostileCase {
    HostileCase(
      "quantized-\(name)", rule: Rule(page, words), kind: kind, mentions: ["config.json", "q_proj"] + mentions, make: make(statement, parts))
  }

  private static func accept(_ name: String, _ words: String, warnings: [String], _ statement: JSONValue?, _ parts: [Part]) -> AcceptedCase {
    AcceptedCase("quantized-\(name)", rule: Rule(page, words), warnings: warnings, make: make(statement, parts))
  }

  // MARK: Floats of 8 bits

  private static let fp8: JSONValue = ["quant_method": "fp8", "weight_block_size": [8, 16]]
  private static let float: Part = ("weight", "F8_E4M3", "[16,16]", zeros(256))
  private static func scale(_ ending: String, _ shape: String, _ values: [Float]) -> Part {
    (ending, "F32", shape, values.flatMap { littleEndian($0.bitPattern) })
  }
  private static let blocks = scale("weight_scale_inv", "[2,1]", [1, 2])

  private static let hostileFloats: [HostileCase] = [
    refuse("f8-without-a-scale", "P3. Every part MUST be there", .inconsistent, ["weight_scale"], fp8, [float]),
    refuse("f8-with-a-nan", "P4. Scales MUST be finite", .malformed, ["scale 1", "weight_scale_inv"], fp8, [
      float, scale("weight_scale_inv", "[2,1]", [1, .nan]),
    ]),
    refuse("f8-with-an-infinity", "P4. Scales MUST be finite", .malformed, ["scale 0"], fp8, [float, scale("weight_scale", "[]", [.infinity])]),
    refuse("f8-with-too-few-scales", "MUST be as many as blocks cover the weight", .inconsistent, ["[1, 2]", "[2, 1]"], fp8, [
      float, scale("weight_scale_inv", "[1,2]", [1, 1]),
    ]),
    refuse("f8-of-unknown-blocks", "anything else is one for each block", .inconsistent, ["weight_block_size"], ["quant_method": "fp8"], [float, blocks]),
    refuse("f8-of-blocks-of-nothing", "anything else is one for each block", .malformed, ["[0,16]"], ["quant_method": "fp8", "weight_block_size": [0, 16]], [float, blocks])
      .named(without: "q_proj"),
    refuse("f8-of-an-unknown-method", "an unknown one is refused", .unsupported, ["quark"], ["quant_method": "quark"], [float, blocks]),
    refuse("f8-with-scales-of-integers", "F1. A scale is F32, F16, BF16 or F8_E8M0", .unsupported, ["i32"], fp8, [
      float, ("weight_scale", "I32", "[1]", zeros(4)),
    ]),
    refuse("f8-not-of-powers", "a value that it does not hold is refused", .inconsistent, ["powers of two"], ["quant_method": "fp8", "scale_fmt": "ue8m0"], [
      ("weight", "F8_E4M3", "[16,16]", [UInt8](repeating: 0x39, count: 256)), scale("weight_scale", "[1]", [1.2345]),
    ]),
    refuse("f8-of-another-form", "every other is refused by name", .unsupported, ["F8"], fp8, [("weight", "F8_E4M3FNUZ", "[16,16]", zeros(256)), blocks]),
  ]

  // MARK: Integers

  private static let four: JSONValue = ["quant_method": "gptq", "bits": 4, "group_size": 8]
  private static let gptq: [Part] = [
    ("qweight", "I32", "[2,16]", zeros(128)), ("qzeros", "I32", "[2,2]", zeros(16)), ("scales", "F16", "[2,16]", zeros(64)),
  ]
  private static func order(_ group: UInt8) -> Part {
    ("g_idx", "I32", "[16]", (0..<16).flatMap { input in [input == 5 ? group : UInt8(input / 8), 0, 0, 0] })
  }
  private static let awq: [Part] = [
    ("qweight", "I32", "[16,2]", zeros(128)), ("qzeros", "I32", "[2,2]", zeros(16)), ("scales", "F16", "[2,16]", zeros(64)),
  ]
  private static let awqStatement: JSONValue = ["quant_method": "awq", "bits": 4, "group_size": 8, "version": "GEMM"]

  private static let hostileIntegers: [HostileCase] = [
    refuse("gptq-of-an-unknown-group", "P11. Every element of `g_idx` MUST be a group", .malformed, ["input 5", "g_idx"], four, gptq + [order(2)]),
    refuse("gptq-of-3-bits", "P9. It MUST be 2, 4 or 8", .unsupported, ["3 bits"], ["quant_method": "gptq", "bits": 3], gptq),
    refuse("gptq-of-unknown-bits", "`bits` MUST be stated", .inconsistent, ["how many bits"], ["quant_method": "gptq"], gptq),
    refuse("gptq-of-another-format", "P10. `checkpoint_format` is `gptq` where it is absent", .unsupported, ["marlin"], [
      "quant_method": "gptq", "bits": 4, "group_size": 8, "checkpoint_format": "marlin",
    ], gptq),
    refuse("gptq-without-zeros", "P3. Every part MUST be there", .inconsistent, ["qzeros"], four, [gptq[0], gptq[2], order(0)]),
    refuse("gptq-of-other-groups", "P3. Every part MUST be there", .inconsistent, ["[1, 16]"], ["quant_method": "gptq", "bits": 4, "group_size": 16], gptq),
    refuse("gptq-of-a-short-order", "P3. Every part MUST be there", .inconsistent, ["g_idx"], four, gptq + [("g_idx", "I32", "[8]", zeros(32))]),
    refuse("gptq-with-an-infinity", "P4. Scales MUST be finite", .malformed, ["scales", "inf"], four, [
      gptq[0], gptq[1], ("scales", "F16", "[2,16]", [UInt8](repeating: 0, count: 62) + [0, 0x7C]),
    ]),
    refuse("gptq-said-to-be-awq", "P2. Where `quantization_config`", .unsupported, ["AWQ", "gptq"], four, awq),
    refuse("awq-of-another-version", "`version` `gemm`", .unsupported, ["gemv"], ["quant_method": "awq", "bits": 4, "group_size": 8, "version": "gemv"], awq),
    refuse("awq-of-8-bits", "`bits` is 4", .unsupported, ["8 bits"], ["quant_method": "awq", "bits": 8, "group_size": 8], awq),
    refuse("packed-and-plain", "P5. A weight MUST NOT be there packed and plain at once", .inconsistent, ["of its own"], four, gptq + [("weight", "F32", "[16,16]", zeros(1024))]),
    HostileCase(
      "quantized-mxfp4-without-a-number", rule: Rule(page, "An exponent of 255 is refused"), mentions: ["config.json", "down_proj", "scale 3"],
      make: make(
        ["quant_method": "compressed-tensors"],
        [("weight_packed", "U8", "[16,16]", zeros(256)), ("weight_scale", "U8", "[16,1]", [0, 0, 0, 255] + zeros(12))],
        "model.layers.0.mlp.down_proj.")),
    refuse("mxfp4-with-too-few-scales", "P3. Every part MUST be there", .inconsistent, ["[15, 1]"], ["quant_method": "compressed-tensors"], [
      ("weight_packed", "U8", "[16,16]", zeros(256)), ("weight_scale", "U8", "[15,1]", zeros(15)),
    ]),
  ]

  static let hostile = hostileFloats + hostileIntegers

  static let accepted: [AcceptedCase] = [
    accept("f8-blocks", "F2. One element is for all of the weight", warnings: ["1 weights are floats of 8 bits with scales", "q8_0 takes less"], fp8, [float, blocks]),
    accept("f8-activations", "they are dropped beside packed weights", warnings: ["quantize activations", "q_proj.input_scale"], ["quant_method": "modelopt"], [
      float, scale("weight_scale", "[]", [1]), scale("input_scale", "[]", [1]), scale("output_scale", "[]", [1]),
    ]),
    accept("f8-unnamed", "P1. A packing is told by tensors", warnings: ["1 weights are floats of 8 bits with scales"], nil, [float, scale("weight_scale", "[16,1]", [Float](repeating: 1, count: 16))]),
    accept("f8-powers", "the weight is a bf16", warnings: [], ["quant_method": "fp8", "scale_fmt": "ue8m0"], [float, scale("weight_scale", "[1]", [0.25])]),
    accept("gptq", "`checkpoint_format` is `gptq`", warnings: ["packed by GPTQ"], four, gptq + [order(1)]),
    accept("gptq-zero-bias", "P12. A bias that is all zero", warnings: ["all zero"], four, gptq + [("bias", "F16", "[16]", zeros(32))]),
    AcceptedCase(
      "quantized-mxfp4", rule: Rule(page, "So `copy` keeps it at its size"), warnings: ["packed by compressed-tensors"],
      make: make(
        ["quant_method": "compressed-tensors"],
        [("weight_packed", "U8", "[16,16]", zeros(256)), ("weight_scale", "U8", "[16,1]", zeros(16))], "model.layers.0.mlp.down_proj.")),
    accept("awq", "`version` `gemm` (any case, the default)", warnings: ["packed by AWQ"], awqStatement, awq),
  ]
}

extension HostileCase {
  /// The same case, where the message cannot name a thing.
  fileprivate func named(without mention: String) -> HostileCase {
    HostileCase(name, rule: rule, kind: kind, exit: exit, mentions: mentions.filter { $0 != mention }, arguments: arguments, make: make)
  }
}
