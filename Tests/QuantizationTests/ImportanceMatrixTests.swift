import ByteStorage
import Quantization
import Testing

struct ImportanceMatrixTests {
  private let matrix = ImportanceMatrix(
    [
      "target/model.layers.0.mlp.up_proj.weight": [1, 2, 3],
      "target/model.layers.0.block_sparse_moe.experts.{expert}.w1.weight": [1, 2, 3, 4, 5, 6],
      "target/model.layers.0.block_sparse_moe.experts.1.w2.weight": [7, 8],
    ])

  @Test func columnsAreFoundByName() throws {
    #expect(try matrix.values(for: "target/model.layers.0.mlp.up_proj.weight", columns: 3) == [1, 2, 3])
    #expect(try matrix.values(for: "draft/model.layers.0.mlp.up_proj.weight", columns: 3) == nil)
    #expect(try matrix.values(for: "target/model.layers.0.block_sparse_moe.experts.0.w1.weight", columns: 3) == [1, 2, 3])
    #expect(try matrix.values(for: "target/model.layers.0.block_sparse_moe.experts.1.w1.weight", columns: 3) == [4, 5, 6])
    #expect(try matrix.values(for: "target/model.layers.0.block_sparse_moe.experts.1.w2.weight", columns: 2) == [7, 8])
    #expect(try matrix.values(for: "target/model.layers.0.block_sparse_moe.experts.0.w2.weight", columns: 2) == nil)
  }

  /// Powers of two take extremes back to where sums are safe.
  @Test(arguments: [Float(0x1p100), 0x1p-100, 0x1p127, 0x1p-140]) func extremesKeepTheirProportions(scale: Float) throws {
    let values: [Float] = [1, 0, 0.75, 0.5]
    let matrix = ImportanceMatrix(["target/a": values.map { $0 * scale }])
    #expect(try matrix.values(for: "target/a", columns: 4) == values)
  }

  @Test(arguments: [
    ("target/model.layers.0.mlp.up_proj.weight", 4), ("target/model.layers.0.block_sparse_moe.experts.2.w1.weight", 3),
    ("target/model.layers.0.block_sparse_moe.experts.0.w1.weight", 4),
  ]) func anotherModelsMatrixIsRefused(name: String, columns: Int) {
    let error = #expect(throws: GriffinError.self) { try matrix.values(for: name, columns: columns) }
    #expect(error?.kind == .inconsistent && error?.tensor == name)
  }
}
