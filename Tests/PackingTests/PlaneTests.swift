import ByteStorage
import Packing
import TestSupport
import Tensors
import Testing
import Zstandard

/// Planes and differences against their definitions in formats/archive.md, written plainly.
struct PlaneTests {
  @Test(arguments: ElementType.allCases) func layoutsFit(type: ElementType) {
    let layout = PlaneLayout(type)
    #expect(type.bytesPerBlock % layout.unitByteCount == 0)
    #expect(layout.unitByteCount == type.bytesPerBlock || layout == .whole)
    #expect(layout.blockByteCount <= 1 << 20 && layout.blockByteCount > 1 << 19)
  }

  private func split(_ bytes: [UInt8], _ layout: PlaneLayout) -> [UInt8] {
    var buffer = ByteBuffer(byteCount: bytes.count)
    var target = buffer.mutableBytes
    PlaneKernels.split(bytes.rawBytes, by: layout, into: &target)
    return buffer.bytes.copied
  }

  @Test(arguments: ElementType.allCases) func planesAreCutAsDefined(type: ElementType) {
    let layout = PlaneLayout(type)
    var numbers = SeededNumbers(seed: 11)
    for count in [0, 1, 2, 33, 257] {
      let bytes = numbers.bytes(count * layout.unitByteCount)
      let planes = split(bytes, layout)
      if layout.turn == .none {
        var expected: [UInt8] = []
        var start = 0
        for width in layout.widths {
          for unit in 0..<count { expected += bytes[unit * layout.unitByteCount + start..<unit * layout.unitByteCount + start + width] }
          start += width
        }
        #expect(planes == expected)
      }
      var buffer = ByteBuffer(byteCount: bytes.count)
      var target = buffer.mutableBytes
      PlaneKernels.merge(planes.rawBytes, by: layout, into: &target)
      #expect(buffer.bytes.copied == bytes)
    }
  }

  /// Planes that lie apart give the block that planes side by side give.
  @Test(arguments: [ElementType.bf16, .f16, .i16]) func twoPlanesNeedNotLieSideBySide(type: ElementType) {
    let layout = PlaneLayout(type)
    var numbers = SeededNumbers(seed: 17)
    let (count, bytes) = (333, numbers.bytes(666))
    let planes = split(bytes, layout)
    let (first, second) = (Array(planes[..<count]), Array(planes[count...]))
    var buffer = ByteBuffer(byteCount: bytes.count)
    var target = buffer.mutableBytes
    for part in [0..<100, 100..<101, 101..<count] {
      let (one, other) = (Array(first[part]), Array(second[part]))
      PlaneKernels.merge(one.rawBytes, other.rawBytes, by: layout, into: &target, at: 2 * part.lowerBound)
    }
    #expect(buffer.bytes.copied == bytes)
  }

  @Test func exponentsComeFirst() {
    // -1.5 and 3 as f32: 0xBFC00000 and 0x40400000.
    #expect(split([0x00, 0x00, 0xC0, 0xBF, 0x01, 0x02, 0x40, 0x40], PlaneLayout(.f32)) == [0x7F, 0x80, 0xC0, 0x40, 0x00, 0x02, 0x00, 0x01])
    #expect(split([0xC0, 0xBF, 0x40, 0x40], PlaneLayout(.bf16)) == [0x7F, 0x80, 0xC0, 0x40])
  }

  private func difference(_ value: UInt16, _ base: UInt16) -> UInt16 {
    var buffer = ByteBuffer(byteCount: 2)
    var bytes = buffer.mutableBytes
    bytes.storeLittleEndian(value, at: 0)
    let other = littleEndian(base)
    DifferenceKernels.subtract(other.rawBytes, from: &bytes, unitByteCount: 2)
    return buffer.bytes.littleEndian(UInt16.self, at: 0)!
  }

  @Test func differencesCountSteps() {
    // 1.0 and its neighbours in bf16, the two zeros, and a step across a power of two.
    #expect(difference(0x3F80, 0x3F80) == 0)
    #expect(difference(0x3F81, 0x3F80) == 2)
    #expect(difference(0x3F7F, 0x3F80) == 1)
    #expect(difference(0x8000, 0x0000) == 1)
    #expect(difference(0xBF81, 0xBF80) == 1)
  }

  @Test(arguments: [2, 4]) func differencesAreTakenBack(width: Int) {
    var numbers = SeededNumbers(seed: 5)
    let (values, base) = (numbers.bytes(4096), numbers.bytes(4096))
    var buffer = ByteBuffer(byteCount: values.count)
    var bytes = buffer.mutableBytes
    bytes.copy(values.rawBytes, to: 0)
    DifferenceKernels.subtract(base.rawBytes, from: &bytes, unitByteCount: width)
    var again = buffer.mutableBytes
    DifferenceKernels.add(base.rawBytes, to: &again, unitByteCount: width)
    #expect(buffer.bytes.copied == values)
  }

  @Test func statisticsTellWhatPays() {
    var numbers = SeededNumbers(seed: 9)
    let even = numbers.bytes(100_000)
    #expect(PlaneStatistics(even.rawBytes) == PlaneStatistics(even.rawBytes))
    #expect(!PlaneStatistics(even.rawBytes).isUneven)
    let half = even.map { $0 & 0x7F }
    #expect(PlaneStatistics(half.rawBytes).isUneven && !PlaneStatistics(half.rawBytes).isSkewed)
    let zeros = [UInt8](repeating: 0, count: 100_000)
    #expect(PlaneStatistics(zeros.rawBytes).isSkewed)
  }
}
