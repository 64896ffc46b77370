internal import ByteStorage

/// An array that NumPy saved (`.npy`): float32, C order.
public struct NumPyArray: Sendable {
  /// Outermost dimension first.
  public let shape: [Int]
  public let values: [Float]

  public enum ReadError: Error { case notAnArray, notFloat32InCOrder, wrongLength }

  public init(path: String) throws {
    let file = try InputFile(path: path)
    try self.init(parsing: file.bytes.copied)
  }

  /// - Throws: `ReadError` for anything but float32 in C order.
  public init(parsing file: [UInt8]) throws {
    guard file.count > 12, file.prefix(6) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59] else { throw ReadError.notAnArray }
    // Version 1 counts the header with 16 bits, later ones with 32.
    let countBytes = file[6] == 1 ? 2 : 4
    let headerBytes = (0..<countBytes).reduce(0) { $0 | Int(file[8 + $1]) << (8 * $1) }
    let start = 8 + countBytes + headerBytes
    guard start <= file.count else { throw ReadError.wrongLength }
    let header = String(decoding: file[(8 + countBytes)..<start], as: UTF8.self)
    guard header.contains("'<f4'"), header.contains("'fortran_order': False") else { throw ReadError.notFloat32InCOrder }
    guard let open = header.firstIndex(of: "("), let close = header[open...].firstIndex(of: ")") else {
      throw ReadError.notAnArray
    }
    shape = header[header.index(after: open)..<close].split(separator: ",").compactMap { part in
      Int(String(part.filter { $0 != " " }))
    }
    let count = shape.reduce(1, *)
    guard file.count - start == 4 * count else { throw ReadError.wrongLength }
    values = (0..<count).map { index in
      let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(file[start + 4 * index + $1]) << (8 * $1) }
      return Float(bitPattern: bits)
    }
  }

  /// One row of the array seen as a matrix of its innermost dimension.
  public func row(_ index: Int) -> [Float] {
    let length = shape.last ?? 1
    return Array(values[index * length..<(index + 1) * length])
  }
}
