public import ByteStorage

/// A page about a bundle or a checkpoint: what is in it and, where it was verified, what was found.
///
/// It is drawn from the documents that `inspect`, `verify` and `tune` give as JSON, needs no network and no script, and is as large
/// for a huge model as for a small one.
public struct ReportPage: Sendable {
  /// The bundle or checkpoint as the user named it.
  let path: String
  /// What `inspect --tensors --json` says of it.
  let inspection: JSONValue
  /// What `verify --json` says of it; nil where it was only inspected.
  let verification: JSONValue?
  /// The tree that `tune` saved for it.
  let tuning: JSONValue?
  /// What `allocate --json` says of it.
  let allocation: JSONValue?
  /// Commands that give the page's numbers again, as they would be typed, each with what it is for.
  let commands: [Command]

  /// A command line with what it is for.
  public struct Command: Sendable {
    let purpose: String
    let line: String

    /// - Parameter arguments: Program and arguments, not quoted.
    public init(_ purpose: String, _ arguments: [String]) {
      self.purpose = purpose
      line = arguments.map(Command.quoted).joined(separator: " ")
    }

    /// An argument as a POSIX shell takes it.
    private static func quoted(_ argument: String) -> String {
      let isPlain = !argument.isEmpty && argument.unicodeScalars.allSatisfy { scalar in
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil || "-_./=,:@%+".unicodeScalars.contains(scalar))
      }
      return isPlain ? argument : "'" + argument.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
  }

  public init(
    path: String, inspection: JSONValue, verification: JSONValue? = nil, tuning: JSONValue? = nil, allocation: JSONValue? = nil, commands: [Command] = []
  ) {
    (self.path, self.inspection, self.verification, self.tuning, self.commands) = (path, inspection, verification, tuning, commands)
    self.allocation = allocation
  }

  /// The sections in their order; each stands where there is something to show.
  private static let sections: [@Sendable (ReportPage) -> Section?] = [
    Section.diagnosis, Section.checks, Section.allocation, Section.contents, Section.acceptance, Section.divergence, Section.quantization,
    Section.costs, Section.tree, Section.texts, Section.warnings, Section.commands,
  ]

  /// The page.
  public var html: String {
    let sections = ReportPage.sections.compactMap { $0(self) }
    return PageFrame.html(
      title: "\(name): \(allocation != nil ? "types chosen" : verification == nil ? "what is inside" : "verification")", header: header,
      sections: sections)
  }

  /// The last part of the path.
  var name: String { path.split(separator: "/").last.map(String.init) ?? path }
}
