import Foundation
import TestSupport
import Testing

/// Every command line of griffin's in the README and in the guide is one that the command takes: a subcommand that is there, flags that
/// it has, values where they need one. What it would do is for the other tests.
struct ReadmeTests {
  private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  private static let guide = "Sources/griffin/griffin.docc"

  /// Paths of the pages, from the repository's root.
  private static let pages: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: repository.appending(path: guide).path)) ?? []
    return ["README.md"] + names.filter { $0.hasSuffix(".md") }.sorted().map { "\(guide)/\($0)" }
  }()

  /// Files of the sources that the guide names, such as `Models/TensorRole.swift`, are where it says; NAME stands for what a reader adds.
  @Test(arguments: pages) func filesThatAreNamedAreThere(page: String) throws {
    for match in try text(page).matches(of: /`((?:[A-Za-z]+\/)+[A-Za-z0-9_+]+\.(?:swift|h|c|inc))`/) {
      let path = String(match.1)
      guard !path.contains("NAME") else { continue }
      let isThere = ["", "Sources/"].contains { FileManager.default.fileExists(atPath: ReadmeTests.repository.appending(path: $0 + path).path) }
      #expect(isThere, "\(page): \(path)")
    }
  }

  private func text(_ page: String) throws -> String {
    try String(contentsOf: ReadmeTests.repository.appending(path: page), encoding: .utf8)
  }

  /// One subcommand's flags by their names, dashes included: whether a value follows.
  private struct Subcommand {
    var takesValue: [String: Bool] = [:]
    /// Flags whose values go on to the next flag.
    var takesMany: Set<String> = []
    var positionals = 0
  }

  private static func subcommands() throws -> [String: Subcommand] {
    let dump = try Program.run(["--experimental-dump-help"]).json
    let root = try #require(dump["command"] as? [String: Any])
    var commands: [String: Subcommand] = [:]
    for entry in try #require(root["subcommands"] as? [[String: Any]]) {
      var command = Subcommand()
      for argument in entry["arguments"] as? [[String: Any]] ?? [] {
        let kind = argument["kind"] as? String
        if kind == "positional" { command.positionals += 1 }
        for name in argument["names"] as? [[String: Any]] ?? [] {
          guard let word = name["name"] as? String, let style = name["kind"] as? String else { continue }
          let flag = (style == "long" ? "--" : "-") + word
          command.takesValue[flag] = kind == "option"
          if argument["parsingStrategy"] as? String == "upToNextOption" { command.takesMany.insert(flag) }
        }
      }
      commands[try #require(entry["commandName"] as? String)] = command
    }
    return commands
  }

  /// Lines of the fenced blocks, those that end with a backslash joined to the next, prompts and remarks taken off.
  private static func commandLines(_ text: String) -> [String] {
    var (lines, isFenced, begun): ([String], Bool, String?) = ([], false, nil)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("```") {
        isFenced.toggle()
        continue
      }
      guard isFenced else { continue }
      let whole = (begun.map { $0 + " " } ?? "") + line.trimmingCharacters(in: .whitespaces)
      if whole.hasSuffix(" \\") {
        begun = String(whole.dropLast(2))
        continue
      }
      begun = nil
      lines.append(whole.hasPrefix("$ ") ? String(whole.dropFirst(2)) : whole)
    }
    return lines
  }

  /// A line as a shell takes it apart, as far as the pages need: quotes of both kinds, a remark after ` #`, the end at `>`, `|` or `&&`.
  private static func words(_ line: String) -> [String]? {
    var (words, word, isWord): ([String], String, Bool) = ([], "", false)
    var quote: Character?
    loop: for character in line {
      switch (character, quote) {
      case (_, .some(let open)):
        if character == open { quote = nil } else { word.append(character) }
      case ("\"", nil), ("'", nil): (quote, isWord) = (character, true)
      case (" ", nil):
        if isWord { words.append(word) }
        (word, isWord) = ("", false)
      case ("#", nil) where !isWord, (">", nil), ("|", nil), ("&", nil): break loop
      default:
        word.append(character)
        isWord = true
      }
    }
    if isWord { words.append(word) }
    return quote == nil ? words : nil
  }

  /// What is wrong with a command line; nil where nothing is.
  private static func objection(_ words: [String], _ commands: [String: Subcommand]) -> String? {
    guard words.count > 1 else { return "there is no subcommand" }
    guard let command = commands[words[1]] else { return "there is no subcommand \(words[1])" }
    var (rest, positionals) = (words.dropFirst(2), 0)
    while let word = rest.popFirst() {
      // A lone dash is standard input.
      guard word.hasPrefix("-"), word != "-" else {
        positionals += 1
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard let takesValue = command.takesValue[parts[0]] else { return "\(words[1]) has no \(parts[0])" }
      if !takesValue, parts.count > 1 { return "\(parts[0]) takes no value" }
      if takesValue, parts.count == 1 {
        guard let value = rest.popFirst(), !value.hasPrefix("-") || value == "-" else { return "\(word) needs a value" }
        while command.takesMany.contains(word), let next = rest.first, !next.hasPrefix("-") { rest.removeFirst() }
      }
    }
    // `help` takes any number.
    return positionals > command.positionals && words[1] != "help" ? "\(words[1]) takes \(command.positionals) arguments, not \(positionals)" : nil
  }

  @Test(arguments: pages) func everyCommandLineIsOneThatTheCommandTakes(page: String) throws {
    let commands = try ReadmeTests.subcommands()
    for line in ReadmeTests.commandLines(try text(page)) where line.hasPrefix("griffin ") {
      guard let words = ReadmeTests.words(line) else {
        Issue.record("a quote does not close: \(line)")
        continue
      }
      if let objection = ReadmeTests.objection(words, commands) { Issue.record("\(objection): \(line)") }
    }
  }

  /// The README shows every command at work, and the tests above see that it does.
  @Test func everyCommandIsInTheReadme() throws {
    let shown = Set(ReadmeTests.commandLines(try text("README.md")).filter { $0.hasPrefix("griffin ") }.compactMap { line in
      line.split(separator: " ").dropFirst().first.map(String.init)
    })
    let names = Set(try ReadmeTests.subcommands().keys)
    #expect(names.count > 10)
    #expect(names.subtracting(shown).subtracting(["help", "status"]).isEmpty, "\(names.subtracting(shown).sorted())")
  }

  /// The checks above see what is wrong.
  @Test(arguments: [
    ("griffin convrt a", "there is no subcommand convrt"), ("griffin diff a b --vales", "diff has no --vales"),
    ("griffin verify p.griffin --trace", "--trace needs a value"), ("griffin verify p.griffin --integrity=yes", "--integrity takes no value"),
    ("griffin inspect a b", "inspect takes 1 arguments, not 2"), ("griffin", "there is no subcommand"),
  ])
  func mistakesAreSeen(line: String, expected: String) throws {
    let words = try #require(ReadmeTests.words(line))
    #expect(ReadmeTests.objection(words, try ReadmeTests.subcommands()) == expected)
  }

  /// Scripts that the pages name are there, and may be run.
  @Test(arguments: pages) func everyScriptIsThere(page: String) throws {
    for line in ReadmeTests.commandLines(try text(page)) where line.hasPrefix("scripts/") {
      let script = try #require(line.split(separator: " ").first.map(String.init))
      #expect(FileManager.default.isExecutableFile(atPath: ReadmeTests.repository.appending(path: script).path), "\(line)")
    }
  }

  /// Prose and commands fit a screen; tables and what the command printed are as wide as they are.
  @Test func theReadmeIsNarrow() throws {
    for line in try text("README.md").split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
  }

  /// Files that a page points to, pictures included, are where it says.
  @Test(arguments: pages) func everyLinkLeadsSomewhere(page: String) throws {
    let folder = ReadmeTests.repository.appending(path: page).deletingLastPathComponent()
    for part in try text(page).components(separatedBy: "](").dropFirst() {
      let link = part.prefix { $0 != ")" }
      guard !link.contains("://"), let path = link.split(separator: "#", omittingEmptySubsequences: false).first, !path.isEmpty else { continue }
      #expect(FileManager.default.fileExists(atPath: folder.appending(path: String(path)).path), "\(link)")
    }
  }
}
