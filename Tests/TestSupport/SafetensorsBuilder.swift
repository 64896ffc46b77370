internal import ByteStorage
internal import Tensors

/// Makes safetensors files, right ones and wrong ones.
public struct SafetensorsBuilder: Sendable {
  public struct Entry: Sendable {
    public var name: String
    public var type: String
    /// As JSON.
    public var shape: String
    public var bytes: [UInt8]
    /// As JSON, where it shall differ from the truth.
    public var offsets: String?
    /// The whole value as JSON, where it shall be no entry at all.
    public var text: String?

    public init(_ name: String, _ type: String, _ shape: String, bytes: [UInt8]) {
      (self.name, self.type, self.shape, self.bytes) = (name, type, shape, bytes)
    }
  }

  public var entries: [Entry] = []
  /// The value of `__metadata__` as JSON.
  public var metadata: String? = #"{"format":"pt"}"#
  /// The header, where it shall be another one.
  public var header: [UInt8]?
  /// What the file says of its header, where that shall differ from the truth.
  public var declaredByteCount: UInt64?
  /// Comes after the last tensor.
  public var trailing: [UInt8] = []

  public init() {}

  /// All tensors of a source.
  public init(_ source: MemorySource) {
    for tensor in source.tensors {
      entries.append(
        Entry(
          tensor.name, tensor.type.rawValue.uppercased(), "\(tensor.shape.dimensions)", bytes: source.bytes(tensor.name)))
    }
  }

  /// Takes a sound file apart, to be changed and put together again.
  public init(parsing bytes: [UInt8]) throws {
    let length = Int(bytes.rawBytes.littleEndian(UInt64.self, at: 0) ?? 0)
    let header = try JSONValue.parse(Array(bytes[8..<8 + length]).rawBytes, limits: .safetensorsHeader, file: nil).object ?? [:]
    for member in header.members where member.key != "__metadata__" {
      let span = member.value["data_offsets"]?.array?.compactMap(\.integer) ?? [0, 0]
      entries.append(
        Entry(
          member.key, member.value["dtype"]?.string ?? "", member.value["shape"]?.encoded() ?? "[]",
          bytes: Array(bytes[8 + length + span[0]..<8 + length + span[1]])))
    }
  }

  /// The place of an entry.
  public func index(of name: String) -> Int {
    guard let index = entries.firstIndex(where: { $0.name == name }) else { preconditionFailure("there is no \(name)") }
    return index
  }

  /// An entry by the name of its tensor.
  public subscript(name: String) -> Entry {
    get { entries[index(of: name)] }
    set { entries[index(of: name)] = newValue }
  }

  public var headerText: String {
    var members = metadata.map { [#""__metadata__":\#($0)"#] } ?? []
    var offset = 0
    for entry in entries {
      let offsets = entry.offsets ?? "[\(offset),\(offset + entry.bytes.count)]"
      let value = entry.text ?? #"{"dtype":"\#(entry.type)","shape":\#(entry.shape),"data_offsets":\#(offsets)}"#
      members.append(JSONValue.string(entry.name).encoded() + ":" + value)
      offset += entry.bytes.count
    }
    return "{" + members.joined(separator: ",") + "}"
  }

  public var bytes: [UInt8] {
    let header = header ?? Array(headerText.utf8)
    var file = littleEndian(declaredByteCount ?? UInt64(header.count)) + header
    for entry in entries { file += entry.bytes }
    return file + trailing
  }
}
