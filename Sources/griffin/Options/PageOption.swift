import ArgumentParser
import Bundles
import ByteStorage
import Conversion
import Reports
import Verification

/// The page that a command draws of what it found; shared by `inspect`, `verify` and `allocate`.
struct PageOption: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("Draw what was found as one page for browsers, which needs no network and no script.", valueName: "file"))
  var html: String?

  /// Takes the page's name, before the work that it is about.
  /// - Parameter inputs: What the command reads, as the user named it; a file in such a folder may be a part of it.
  /// - Throws: `usage` where it is an input's name, `exists` and `uncreatable` where it cannot be had.
  func output(force: Bool, inputs: [String?]) throws(GriffinError) -> OutputFile? {
    guard let html else { return nil }
    var found = [html, html + OutputFile.partialSuffix].compactMap { OpenFiles.file(at: $0)?.path }
    for folder in inputs.compactMap(\.self) where FileSystem.kind(of: folder) == .folder && !html.hasSuffix(".html") {
      let twin = "\(folder)/\(FileSystem.split(html).name)"
      if FileSystem.kind(of: twin) == .file, try InputFile(path: twin).isSameFile(as: html) { found.append(twin) }
    }
    if let first = found.first {
      throw GriffinError(.usage, file: html, "--html names an input (\(first))", hints: ["choose another output"])
    }
    return try OutputFile(path: html, force: force)
  }

  /// Writes the page.
  /// - Parameters:
  ///   - path: The bundle or checkpoint as the user named it.
  ///   - inspection: What `inspect --tensors --json` says of it.
  ///   - verification: What `verify --json` says of it.
  static func write(
    to output: OutputFile, path: String, bundle: ModelBundle?, inspection: JSONValue, verification: JSONValue? = nil
  ) throws(GriffinError) {
    let tree = (bundle?.file.path).map { $0 + TreeFile.pathSuffix }
    var commands = [
      ReportPage.Command("This page", ["griffin"] + CommandLine.arguments.dropFirst()),
      ReportPage.Command("What is inside, with every tensor, as JSON", ["griffin", "inspect", path, "--tensors", "--json"]),
    ]
    if verification != nil {
      commands.append(ReportPage.Command("Checks and measures, as JSON", PageOption.verifyingAsJSON))
    } else if bundle != nil {
      commands.append(ReportPage.Command("That its bytes are what they should be, and that it decodes", ["griffin", "verify", path]))
    }
    var tuning: JSONValue?
    // A file that is damaged says nothing; `--tree` says what is wrong with it.
    if let tree, FileSystem.kind(of: tree) == .file, let file = try? TreeFile(path: tree) {
      tuning = file.document
      commands.append(ReportPage.Command("What passes cost on this machine", ["griffin", "tune", path, "--save", tree, "--force"]))
    }
    let page = ReportPage(path: path, inspection: inspection, verification: verification, tuning: tuning, commands: commands)
    try output.write(whole: page.html)
  }

  /// Draws the page of types that were chosen.
  /// - Parameters:
  ///   - path: The bundle or checkpoint as the user named it.
  ///   - allocation: What `allocate --json` says.
  static func write(to output: OutputFile, path: String, allocation: JSONValue) throws(GriffinError) {
    let page = ReportPage(
      path: path, inspection: try inspection(of: path), allocation: allocation,
      commands: [ReportPage.Command("This page, and the recipe", ["griffin"] + CommandLine.arguments.dropFirst())])
    try output.write(whole: page.html)
  }

  /// What `inspect --tensors --json` says of a bundle or a checkpoint.
  private static func inspection(of path: String) throws(GriffinError) -> JSONValue {
    if let bundle = try ModelSource.bundle(path: path, options: SourcePlaces.options()) {
      return try BundleDescription(bundle).document(withTensors: true, day: DateOption.today)
    }
    return try SourceDescription(path: path, options: SourcePlaces.options()).document(withTensors: true, day: DateOption.today)
  }

  /// The command as it was given, but for the page.
  private static var verifyingAsJSON: [String] {
    var (arguments, skips) = (["griffin"], false)
    for argument in CommandLine.arguments.dropFirst() {
      if skips {
        skips = false
      } else if argument == "--html" {
        skips = true
      } else if !argument.hasPrefix("--html="), argument != "--force", argument != "--json" {
        arguments.append(argument)
      }
    }
    return arguments + ["--json"]
  }
}
