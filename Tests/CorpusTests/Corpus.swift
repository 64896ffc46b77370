/// Every case, by format. A format is a folder of small files and a line in each list.
enum Corpus {
  static let hostile: [HostileCase] = [
    SafetensorsCorpus.hostile,
    FolderCorpus.hostile,
    GGUFCorpus.hostile,
    PyTorchCorpus.hostile,
    ConfigCorpus.hostile,
    TokenizerCorpus.hostile,
    BundleCorpus.hostile,
    ArchiveCorpus.hostile,
    PackedCorpus.hostile,
    ImageLayoutCorpus.hostile,
    HubCorpus.hostile,
    TraceCorpus.hostile,
    TreeCorpus.hostile,
    RecipeCorpus.hostile,
    PlanCorpus.hostile,
    ImportanceCorpus.hostile,
    ImportanceCorpus.hostileFewBits,
    OutputCorpus.hostile,
    ReleaseCorpus.hostile,
    QuantizedCorpus.hostile,
  ].flatMap { $0 }

  static let accepted: [AcceptedCase] = [
    SafetensorsCorpus.accepted,
    FolderCorpus.accepted,
    GGUFCorpus.accepted,
    PyTorchCorpus.accepted,
    ConfigCorpus.accepted,
    TokenizerCorpus.accepted,
    BundleCorpus.accepted,
    ArchiveCorpus.accepted,
    PackedCorpus.accepted,
    ReleaseCorpus.accepted,
    QuantizedCorpus.accepted,
  ].flatMap { $0 }
}
