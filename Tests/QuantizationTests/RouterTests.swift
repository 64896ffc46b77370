import Models
import Quantization
import Tensors
import Testing

struct RouterTests {
  /// What chooses experts is a few rows and decides much; its type is the user's to change, not a recipe's.
  @Test func routersStayAsTheyAre() throws {
    let tensors = try [
      ("target/model.layers.3.block_sparse_moe.gate.weight", LayerRole.router, [8, 4096]),
      ("target/model.layers.3.block_sparse_moe.experts.7.w1.weight", .expert(7, .gate), [14336, 4096]),
    ].map { RecipeTensor(name: $0, role: .layer(3, $1), shape: try Shape($2), sourceType: .bf16) }
    #expect(try TypeSelection(Recipe.named("q8_0")).types(for: tensors) == [.bf16, .q8_0])
    #expect(try TypeSelection(Recipe.named("f16")).types(for: tensors) == [.f16, .f16])
    let rule = try TypeSelection.Rule(parsing: "sparse_moe\\.gate=q8_0")
    #expect(try TypeSelection(Recipe.named("copy"), rules: [rule]).types(for: tensors) == [.q8_0, .bf16])
  }
}
