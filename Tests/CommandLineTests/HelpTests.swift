import Foundation
import TestSupport
import Testing

/// The help of every command on a terminal of 80 columns.
struct HelpTests {
  private static let commands = [
    [], ["convert"], ["quantize"], ["work"], ["status"], ["finish"], ["sweep"], ["inspect"], ["verify"], ["generate"], ["tokenize"], ["tune"], ["calibrate"], ["allocate"], ["align"], ["export"], ["diff"], ["edit"], ["pack"], ["unpack"], ["sign"],
  ]

  private func help(_ command: [String]) throws -> [String] {
    let outcome = try Program.run(command + ["--help"], environment: ["COLUMNS": "80"])
    #expect(outcome.status == 0)
    return outcome.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// No command is left out above.
  @Test func everyCommandIsLookedAt() throws {
    let dump = try Program.run(["--experimental-dump-help"]).json
    let names = ((dump["command"] as? [String: Any])?["subcommands"] as? [[String: Any]])?.compactMap { $0["commandName"] as? String } ?? []
    #expect(Set(names).subtracting(["help"]) == Set(HelpTests.commands.flatMap(\.self)))
  }

  @Test(arguments: commands) func nothingIsWiderThanTheTerminal(command: [String]) throws {
    for line in try help(command) { #expect(line.count <= 80, "\(line)") }
  }

  /// A line that ends early, and goes on in the next with a word that would have fitted, was broken twice.
  @Test(arguments: commands) func noParagraphIsBrokenTwice(command: [String]) throws {
    let lines = try help(command)
    for (line, next) in zip(lines, lines.dropFirst()) {
      let indent = line.prefix { $0 == " " }.count
      // Prose: in the discussion at the edge, in the list of flags in its column.
      guard [0, 26].contains(indent), indent == next.prefix(while: { $0 == " " }).count, !line.isEmpty, !next.isEmpty else { continue }
      guard !line.hasSuffix(":"), !line.hasPrefix("OVERVIEW"), !next.hasPrefix("USAGE") else { continue }
      let word = next.dropFirst(indent).prefix { $0 != " " }
      #expect(line.count + 1 + word.count >= 80, "\(line)\n\(next)")
    }
  }

  /// An example is one command that a shell takes: quotes that close, flags that the command has, no line broken but by a backslash.
  @Test(arguments: commands) func examplesAreWhole(command: [String]) throws {
    let lines = try help(command)
    guard let start = lines.firstIndex(of: "EXAMPLES:") else {
      Issue.record("there are no examples")
      return
    }
    let examples = lines[(start + 1)...].prefix { !$0.isEmpty }
    #expect(!examples.isEmpty)
    var isContinued = false
    for example in examples {
      let indent = example.prefix { $0 == " " }.count
      #expect(indent == (isContinued ? 6 : 2), "\(example)")
      let begins = ["griffin ", "openssl ", "git log "].contains { example.dropFirst(2).hasPrefix($0) }
      #expect(isContinued ? example.dropFirst(6).hasPrefix("-") : begins, "\(example)")
      #expect(example.count { $0 == "\"" } % 2 == 0 && example.count { $0 == "'" } % 2 == 0, "\(example)")
      isContinued = example.hasSuffix(" \\")
    }
    #expect(!isContinued)
  }
}
