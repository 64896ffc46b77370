/// An integer's bytes, the lowest first.
public func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  (0..<MemoryLayout<Value>.size).map { UInt8(truncatingIfNeeded: value >> Value(8 * $0)) }
}

/// The bytes of integers one after the other.
public func littleEndian<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] { values.flatMap { littleEndian($0) } }
