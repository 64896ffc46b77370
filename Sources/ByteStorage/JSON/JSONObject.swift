/// The members of a JSON object, in the order they were written, each key once.
///
/// Two objects are equal where their members are, in the same order.
public struct JSONObject: Sendable {
  public struct Member: Sendable, Hashable {
    public var key: String
    public var value: JSONValue

    public init(key: String, value: JSONValue) { (self.key, self.value) = (key, value) }
  }

  /// Objects up to this size are searched member by member.
  private static let searched = 16

  public private(set) var members: [Member]
  /// Where each key is; empty for small objects.
  private var positions: [ExactString: Int]

  public init() { self.init(distinct: []) }

  /// Of several members with the same key the last stays, at the place of the first.
  public init(_ members: [Member]) {
    self.init()
    for member in members { self[member.key] = member.value }
  }

  /// - Parameter members: Their keys are known to be distinct.
  init(distinct members: [Member]) {
    self.members = members
    self.positions = [:]
    indexMembers()
  }

  public var count: Int { members.count }
  public var isEmpty: Bool { members.isEmpty }
  public var keys: [String] { members.map(\.key) }

  /// The value of a member. Assigning keeps its place, or appends; nil removes.
  public subscript(key: String) -> JSONValue? {
    get { position(of: key).map { members[$0].value } }
    set {
      switch (position(of: key), newValue) {
      case (let position?, let value?):
        members[position].value = value
      case (let position?, nil):
        members.remove(at: position)
        positions = [:]
        indexMembers()
      case (nil, let value?):
        members.append(Member(key: key, value: value))
        if positions.isEmpty { indexMembers() } else { positions[ExactString(key)] = members.count - 1 }
      case (nil, nil):
        break
      }
    }
  }

  private func position(of key: String) -> Int? {
    if members.count > JSONObject.searched { return positions[ExactString(key)] }
    return members.firstIndex { $0.key.hasSameBytes(as: key) }
  }

  private mutating func indexMembers() {
    guard members.count > JSONObject.searched else { return }
    positions.reserveCapacity(members.count)
    for (position, member) in members.enumerated() { positions[ExactString(member.key)] = position }
  }
}

extension JSONObject: Hashable {
  public static func == (left: JSONObject, right: JSONObject) -> Bool { left.members == right.members }
  public func hash(into hasher: inout Hasher) { hasher.combine(members) }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self.init(elements.map { Member(key: $0, value: $1) })
  }
}
