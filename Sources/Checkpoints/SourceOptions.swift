public import ByteStorage

/// What finding and opening a SRC may use of the machine. Libraries look nowhere by themselves: the executable says where.
public struct SourceOptions: Sendable {
  /// The cache of the Hugging Face hub, the folder that holds `models--OWNER--NAME`; nil where names are not looked up.
  public var huggingFaceCache: String?
  /// What opens addresses of other machines; nil where none are.
  public var far: (any FarPlaces)?
  /// Where archives are unpacked, in a folder that is gone again once their files are open.
  public var scratchFolder: String
  /// Looked at while an archive is unpacked.
  public var cancellation: Cancellation
  /// Given a config.json, its path and the names in an index before the shards of that index are opened, to refuse early
  /// what will be refused anyway.
  public var checkBeforeShards: (@Sendable (_ config: JSONValue, _ file: String, _ names: [String]) throws(GriffinError) -> Void)?

  public init(
    huggingFaceCache: String? = nil, far: (any FarPlaces)? = nil, scratchFolder: String = "/tmp", cancellation: Cancellation = Cancellation()
  ) {
    (self.huggingFaceCache, self.far, self.scratchFolder, self.cancellation) = (huggingFaceCache, far, scratchFolder, cancellation)
  }
}
