internal import ByteStorage

/// The pieces of a vocabulary by id, their bytes in one block.
public struct PieceList: Sendable, RandomAccessCollection {
  public typealias Piece = TokenizerParts.Piece

  private var bytes: [UInt8] = []
  /// Where each begins.
  private var starts: [UInt32] = []
  private var types: [TokenizerParts.PieceType] = []
  /// Empty while all are 0.
  private var scores: [Float] = []

  public init() {}

  public init(_ pieces: some Sequence<Piece>) {
    for piece in pieces { append(piece) }
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { starts.count }

  public subscript(id: Int) -> Piece {
    Piece(bytes: Array(bytes[range(of: id)]), score: score(of: id), type: types[id])
  }

  public mutating func append(_ piece: Piece) {
    append(piece.bytes.span, 0..<piece.bytes.count, score: piece.score, type: piece.type)
  }

  mutating func append(_ text: Span<UInt8>, _ range: Range<Int>, score: Float = 0, type: TokenizerParts.PieceType) {
    // By its bits: minus zero is a score of its own in files.
    if score.bitPattern != 0, scores.isEmpty { scores = [Float](repeating: 0, count: starts.count) }
    if score.bitPattern != 0 || !scores.isEmpty { scores.append(score) }
    starts.append(UInt32(bytes.count))
    text.rawBytes.extracting(range).append(to: &bytes)
    types.append(type)
  }

  /// Makes room for so many pieces with so many bytes.
  mutating func reserve(_ count: Int, byteCount: Int) {
    bytes.reserveCapacity(byteCount)
    starts.reserveCapacity(count)
    types.reserveCapacity(count)
  }

  /// The bytes of all pieces, one after another.
  var block: Span<UInt8> {
    @_lifetime(borrow self)
    get { bytes.span }
  }

  /// Where in `block` a piece is.
  func range(of id: Int) -> Range<Int> { Int(starts[id])..<(id + 1 < starts.count ? Int(starts[id + 1]) : bytes.count) }
  func byteCount(of id: Int) -> Int { range(of: id).count }
  func type(of id: Int) -> TokenizerParts.PieceType { types[id] }
  func score(of id: Int) -> Float { scores.isEmpty ? 0 : scores[id] }

  /// Whether a piece has just these bytes.
  func hasBytes(_ text: [UInt8], at id: Int) -> Bool {
    let range = range(of: id)
    return range.count == text.count && bytes.rawBytes.equals(at: range.lowerBound, text.rawBytes, 0..<text.count)
  }

  /// The ids of the pieces of some types by their bytes; nil where two of them are the same. It shares the pieces' memory.
  func table(of types: [TokenizerParts.PieceType]) -> ByteTable? {
    ByteTable(distinct: bytes, starts: starts) { types.contains(self.types[$0]) }
  }

  /// The first piece with these bytes.
  func firstID(of text: [UInt8], where condition: (TokenizerParts.PieceType) -> Bool = { _ in true }) -> Int? {
    indices.first { condition(types[$0]) && hasBytes(text, at: $0) }
  }
}
