import ByteStorage
import Foundation
import Models
import Quantization
import Tensors
import TestSupport
import Testing

/// Recipes that name tensors, as `formats/recipe.md` has them.
struct RecipeFileTests {
  private func tensor(_ name: String, _ role: TensorRole, _ dimensions: [Int]) throws -> RecipeTensor {
    RecipeTensor(name: name, role: role, shape: try Shape(dimensions), sourceType: .f16)
  }

  private func target() throws -> [RecipeTensor] {
    [
      try tensor("target/model.embed_tokens.weight", .tokenEmbedding, [100, 256]),
      try tensor("target/model.layers.0.mlp.up_proj.weight", .layer(0, .up), [352, 256]),
      try tensor("target/model.layers.0.mlp.down_proj.weight", .layer(0, .down), [256, 352]),
      try tensor("target/model.norm.weight", .finalNorm, [256]),
    ]
  }

  @Test func whatIsNamedGetsItsTypeAndTheRestStays() throws {
    let file = RecipeFile(types: ["target/model.embed_tokens.weight": .q6_k, "target/model.layers.0.mlp.down_proj.weight": .q4_k])
    let types = try TypeSelection(file.recipe).types(for: target())
    // 352 columns are no whole number of q4_k's blocks.
    #expect(types == [.q6_k, .f16, .q5_0, .f16])
    #expect(Recipe.draftDefault(for: file.recipe).name == "q8_0")
  }

  @Test func aFileReadsAsItWasWritten() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("r.json")
    let file = RecipeFile(types: ["target/b": .q4_k, "draft/fc.weight": .q8_0], made: ["bytes": 7])
    try Data(file.document.encoded(pretty: true).utf8).write(to: URL(filePath: path))
    let again = try RecipeFile(path: path)
    #expect(again.types.map(\.name) == ["draft/fc.weight", "target/b"] && again.types.map(\.type) == [.q8_0, .q4_k])
    #expect(again.name == file.name && again.made["bytes"]?.integer == 7)
    // The name is that of the types alone.
    #expect(RecipeFile(types: ["draft/fc.weight": .q8_0, "target/b": .q4_k]).name == file.name)
    #expect(RecipeFile(types: ["draft/fc.weight": .q8_0, "target/b": .q5_k]).name != file.name)
    #expect(Recipe.draftDefault(for: again.recipe).name == file.name)
    #expect(try Recipe.given(path).name == file.name)
  }

  @Test func aNameThatTheModelDoesNotHaveIsRefused() throws {
    let file = RecipeFile(types: ["target/model.layers.7.mlp.up_proj.weight": .q4_k])
    let error = #expect(throws: GriffinError.self) { try TypeSelection(file.recipe).types(for: target()) }
    #expect(error?.kind == .inconsistent && error?.tensor == "target/model.layers.7.mlp.up_proj.weight")
    // A half that is not converted is none of its business.
    let both = RecipeFile(types: ["target/model.embed_tokens.weight": .q8_0, "draft/fc.weight": .q8_0])
    #expect(try TypeSelection(both.recipe).types(for: target())[0] == .q8_0)
  }
}
