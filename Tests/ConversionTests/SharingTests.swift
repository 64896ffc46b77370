import Bundles
import ByteStorage
import Conversion
import Models
import Tensors
import TestSupport
import Testing

struct SharingTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func widened(_ bits: UInt16, _ type: ElementType) -> Float {
    type == .bf16 ? Float(bitPattern: UInt32(bits) << 16) : Float(Float16(bitPattern: bits))
  }

  /// Ordinary halves as another type of the same values.
  private func halves(as type: ElementType) -> [UInt8] {
    let values = (0..<24).map { Float16(bitPattern: UInt16(0x3C00 + $0 * 37)) }
    return switch type {
    case .f32: littleEndian(values.map { Float($0).bitPattern })
    case .f64: littleEndian(values.map { Double($0).bitPattern })
    default: Pair.halves
    }
  }

  private func relation(_ left: (ElementType, [UInt8]), _ right: (ElementType, [UInt8]), shape: [Int], threads: Int = 2) throws -> EmbeddingRelation? {
    let pair = try Pair(embedding: left, draftEmbedding: right, outputHead: nil, shape: shape, folder: folder)
    return try Sharing(comparing: pair.inputs(), threads: threads).embedding
  }

  @Test func identicalEmbeddingsAreStoredOnce() throws {
    let pair = try Pair(folder: folder)
    let (_, plan) = try ConversionRun(pair.inputs(), output: pair.output).run()
    #expect(plan.sharing == (try Sharing(comparing: pair.inputs(), threads: 1)))
    let manifest = try ModelBundle.open(path: pair.output).manifest
    #expect(manifest.draft?.embedding == .identical)
    #expect(manifest.tensors[3].payload == manifest.tensors[0].payload)
    #expect(manifest.payloads.count == 4 + 4)
    #expect(plan.tensors.map(\.sharedWith) == [nil, nil, nil, "target/model.embed_tokens.weight", nil])
  }

  @Test(arguments: [(ElementType.f16, ElementType.f32), (.f32, .f16), (.f16, .f64), (.f64, .f16), (.f32, .f64), (.f64, .f32)])
  func equalValuesOfAnotherTypeAreStoredOnceInTheTargetsType(target: ElementType, draft: ElementType) throws {
    let pair = try Pair(embedding: (target, halves(as: target)), draftEmbedding: (draft, halves(as: draft)), folder: folder)
    let (result, _) = try ConversionRun(pair.inputs(), output: pair.output).run()
    let bundle = try ModelBundle.open(path: pair.output)
    #expect(bundle.manifest.draft?.embedding == .converted)
    #expect(bundle.manifest.tensors[3].payload == bundle.manifest.tensors[0].payload)
    #expect(bundle.tensors[3].type == target)
    #expect(try bundle.withBytes(of: 3) { $0.copied } == halves(as: target))
    #expect(result.types[target, default: 0] >= 2)
  }

  @Test(arguments: [1, 2]) func differingRowsAreCountedAndBothAreStored(threads: Int) throws {
    var other = Pair.halves
    // Rows of 8 bytes: two flaws in row 1, one in row 5.
    for offset in [8, 15, 40] { other[offset] ^= 1 }
    let pair = try Pair(draftEmbedding: (.f16, other), folder: folder)
    _ = try ConversionRun(pair.inputs(), output: pair.output, threads: threads).run()
    let bundle = try ModelBundle.open(path: pair.output)
    #expect(bundle.manifest.draft?.embedding == .different(rows: 2))
    #expect(bundle.manifest.tensors[3].payload != bundle.manifest.tensors[0].payload)
    #expect(try bundle.withBytes(of: 3) { $0.copied } == other)
    var wider = halves(as: .f32)
    wider[4 * 23] ^= 1
    #expect(try relation((.f16, Pair.halves), (.f32, wider), shape: [6, 4]) == .different(rows: 1))
    #expect(try relation((.f32, wider), (.f16, Pair.halves), shape: [6, 4]) == .different(rows: 1))
  }

  @Test func aDraftWithoutAnEmbeddingUsesTheTargets() throws {
    let pair = try Pair(draftEmbedding: nil, folder: folder)
    _ = try ConversionRun(pair.inputs(), output: pair.output).run()
    let manifest = try ModelBundle.open(path: pair.output).manifest
    #expect(manifest.draft?.embedding == .absent)
    #expect(manifest.tensors.map(\.descriptor.name).last == "draft/fc.weight")
    #expect(manifest.tensors.count == 4)
  }

  @Test func anOutputHeadThatIsTheEmbeddingIsStoredOnce() throws {
    let pair = try Pair(outputHead: Pair.halves, folder: folder)
    _ = try ConversionRun(pair.inputs(), output: pair.output).run()
    let manifest = try ModelBundle.open(path: pair.output).manifest
    #expect(Set([0, 2, 3].map { manifest.tensors[$0].payload }).count == 1)
    #expect(manifest.payloads.count == 4 + 3)
  }

  @Test func nothingElseIsShared() throws {
    var pair = try Pair(folder: folder)
    try pair.draft.add("norm.weight", .f32, [4], bytes: pair.target.bytes("model.norm.weight"))
    let draft = try pair.draftComponent()
    let extended = ConversionComponent(
      component: .draft, modelName: "griffin", config: [:], parameterCount: 1, recipe: "copy", source: pair.draft,
      tensors: draft.tensors + [.init(role: .finalNorm, name: "norm.weight", index: 2, type: .f32)], weightFiles: [], attachments: [])
    _ = try ConversionRun(ConversionInputs(target: pair.targetComponent(), draft: extended), output: pair.output).run()
    let manifest = try ModelBundle.open(path: pair.output).manifest
    #expect(manifest.tensors[5].payload != manifest.tensors[1].payload)
    #expect(manifest.payloads[manifest.tensors[5].payload].digest == manifest.payloads[manifest.tensors[1].payload].digest)
  }

  /// Every 16-bit pattern against the 32-bit float of its value, in rows of 16.
  @Test(arguments: [ElementType.f16, .bf16]) func everyPatternEqualsItsWidenedSelf(type: ElementType) throws {
    let patterns = (0...UInt16.max).map { $0 }
    // A signaling NaN turns quiet in hardware; by its bits it stays what it was.
    let floats = patterns.map { bits -> UInt32 in
      let value = widened(bits, type)
      guard value.isNaN else { return value.bitPattern }
      return type == .bf16 ? UInt32(bits) << 16 : UInt32(bits & 0x8000) << 16 | 0x7F80_0000 | UInt32(bits & 0x3FF) << 13
    }
    #expect(try relation((type, littleEndian(patterns)), (.f32, littleEndian(floats)), shape: [4096, 16]) == .converted)
    #expect(try relation((.f32, littleEndian(floats)), (type, littleEndian(patterns)), shape: [4096, 16]) == .converted)
    // One bit of the last element of every row.
    let off = floats.enumerated().map { $0 % 16 == 15 ? $1 ^ 1 : $1 }
    #expect(try relation((type, littleEndian(patterns)), (.f32, littleEndian(off)), shape: [4096, 16]) == .different(rows: 4096))
  }

  @Test func halvesOfBothKindsCompareByValue() throws {
    let f16 = (0..<24).map { Float16(Float($0) * 0.25 - 3) }
    let bf16 = f16.map { UInt16(Float($0).bitPattern >> 16) }
    #expect(try relation((.f16, littleEndian(f16.map(\.bitPattern))), (.bf16, littleEndian(bf16)), shape: [6, 4]) == .converted)
    #expect(try relation((.bf16, littleEndian(bf16)), (.f16, littleEndian(f16.map(\.bitPattern))), shape: [6, 4]) == .converted)
  }

  @Test func signsOfZeroCount() throws {
    let zeros: [UInt16] = [0, 0x8000]
    let floats: [UInt32] = [0, 0x8000_0000]
    #expect(try relation((.f16, littleEndian(zeros)), (.f32, littleEndian(floats)), shape: [2, 1]) == .converted)
    #expect(try relation((.f16, littleEndian(zeros)), (.f32, littleEndian(floats.reversed())), shape: [2, 1]) == .different(rows: 2))
  }

  @Test func typesThatAreNotPlainFloatsCompareByBits() throws {
    let blocks = randomBytes(seed: 5, 6 * 34)
    #expect(try relation((.q8_0, blocks), (.q8_0, blocks), shape: [6, 32]) == .identical)
    #expect(try relation((.q8_0, blocks), (.f16, randomBytes(seed: 6, 384)), shape: [6, 32]) == .different(rows: 6))
  }

  /// Several chunks of rows, with threads that finish in any order.
  @Test(arguments: [1, 3]) func longTensorsAreComparedThrough(threads: Int) throws {
    let (rows, columns) = (5000, 300)
    let halves = (0..<rows * columns).map { UInt16(truncatingIfNeeded: $0 &* 2654435761 >> 7) & 0x7BFF }
    var floats = halves.map { Float(Float16(bitPattern: $0)).bitPattern }
    #expect(try relation((.f16, littleEndian(halves)), (.f32, littleEndian(floats)), shape: [rows, columns], threads: threads) == .converted)
    for row in stride(from: 0, to: rows, by: 617) { floats[row * columns + row % columns] ^= 0x8000 }
    #expect(
      try relation((.f16, littleEndian(halves)), (.f32, littleEndian(floats)), shape: [rows, columns], threads: threads)
        == .different(rows: 9))
  }
}
