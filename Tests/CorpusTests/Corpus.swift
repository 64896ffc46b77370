/// Every case, by format. A format is a folder of small files and a line in each list.
enum Corpus {
  static let hostile: [HostileCase] = [
    SafetensorsCorpus.hostile,
    FolderCorpus.hostile,
    GGUFCorpus.hostile,
    PyTorchCorpus.hostile,
  ].flatMap { $0 }

  static let accepted: [AcceptedCase] = [
    SafetensorsCorpus.accepted,
    FolderCorpus.accepted,
    GGUFCorpus.accepted,
    PyTorchCorpus.accepted,
  ].flatMap { $0 }
}
