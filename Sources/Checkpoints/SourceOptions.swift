/// What finding and opening a SRC may use of the machine. Libraries look nowhere by themselves: the executable says where.
public struct SourceOptions: Sendable, Hashable {
  /// The cache of the Hugging Face hub, the folder that holds `models--OWNER--NAME`; nil where names are not looked up.
  public var huggingFaceCache: String?

  public init(huggingFaceCache: String? = nil) {
    self.huggingFaceCache = huggingFaceCache
  }
}
