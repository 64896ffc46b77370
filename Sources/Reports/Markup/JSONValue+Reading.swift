internal import ByteStorage

extension JSONValue {
  func number(_ key: String) -> Double? { self[key]?.double.flatMap { $0.isFinite ? $0 : nil } }
  /// A whole number of a size that sums of many stay far from overflowing.
  func integer(_ key: String) -> Int? { self[key]?.boundedInteger }
  private var boundedInteger: Int? { integer.map { max(-JSONValue.most, min($0, JSONValue.most)) } }
  private static let most = 1 << 45
  func string(_ key: String) -> String? { self[key]?.string }
  func list(_ key: String) -> [JSONValue] { self[key]?.array ?? [] }
  func numbers(_ key: String) -> [Double] { list(key).compactMap(\.double).filter(\.isFinite) }
  func integers(_ key: String) -> [Int] { list(key).compactMap(\.boundedInteger) }
  func members(_ key: String) -> [JSONObject.Member] { self[key]?.object?.members ?? [] }
}
