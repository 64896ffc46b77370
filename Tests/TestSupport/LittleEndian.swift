/// An integer's bytes, the lowest first.
public func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  (0..<MemoryLayout<Value>.size).map { UInt8(truncatingIfNeeded: value >> Value(8 * $0)) }
}
