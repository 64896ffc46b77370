import ByteStorage
import TestSupport

/// `formats/recipe.md`.
enum RecipeCorpus {
  private static let page = "recipe.md"

  static let hostile: [HostileCase] = [
    text("not-json", "a JSON document", .malformed, "byte 0") { Array("recipe".utf8) },
    text("too-large", "at most 64 MiB", .unsafe, "67108864") { [UInt8](repeating: UInt8(ascii: " "), count: (64 << 20) + 1) },
    text("too-deep", "8 deep", .unsafe, "deeper than 8") { Array((String(repeating: "[", count: 64) + String(repeating: "]", count: 64)).utf8) },
    refuse("of-another-format", "MUST be `griffin-recipe`", .malformed, "griffin-recipe") { $0["format"] = "griffin-tree" },
    refuse("of-another-version", "readers refuse others", .unsupported, "version 1") { $0["version"] = 2 },
    refuse("without-tensors", "MUST NOT be empty", .malformed, "tensors") { $0["tensors"] = [:] },
    refuse("with-a-list-of-tensors", "a type for each tensor by its name", .malformed, "tensors") { $0["tensors"] = ["q8_0"] },
    refuse("with-a-name-of-neither-half", "by its name in a bundle", .malformed, "neither with target/ nor with draft/") {
      $0["tensors"] = ["model.embed_tokens.weight": "q8_0"]
    },
    refuse("with-an-unknown-type", "types are those that can be written", .malformed, "model.embed_tokens.weight") {
      $0["tensors"] = ["target/model.embed_tokens.weight": "q9_9"]
    },
    refuse("with-a-number-as-type", "types are those that can be written", .malformed, "model.embed_tokens.weight") {
      $0["tensors"] = ["target/model.embed_tokens.weight": 8]
    },
    refuse("of-another-model", "A name that the model does not have is refused", .inconsistent, "model.layers.99") {
      $0["tensors"] = ["target/model.layers.99.mlp.up_proj.weight": "q8_0"]
    },
  ]

  private static func text(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String, _ text: @escaping @Sendable () -> [UInt8]
  ) -> HostileCase {
    HostileCase(
      "recipe-\(name)", rule: Rule(page, words), kind: kind, mentions: ["r.json", mention],
      arguments: ["quantize", "pair.griffin", "--recipe", "r.json", "-o", "out.griffin"]
    ) { folder in
      try folder.write(TinyBundle.pair(), to: "pair.griffin")
      try folder.write(text(), to: "r.json")
    }
  }

  private static func refuse(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String,
    change: @escaping @Sendable (inout JSONObject) -> Void
  ) -> HostileCase {
    text(name, words, kind, mention) {
      var recipe: JSONObject = ["format": "griffin-recipe", "version": 1, "tensors": ["target/model.embed_tokens.weight": "q8_0"]]
      change(&recipe)
      return Array(JSONValue.object(recipe).encoded().utf8)
    }
  }
}
