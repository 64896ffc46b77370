import Foundation
import TestSupport
import Testing

/// What `scripts/install` asks the command for.
struct CompletionTests {
  @Test(arguments: ["bash", "zsh", "fish"]) func everyShellGetsItsScript(shell: String) throws {
    let outcome = try Program.run(["--generate-completion-script", shell])
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    for word in ["convert", "quantize", "inspect", "verify", "generate", "sign", "draft-kind", "max-new-tokens", "public-key"] {
      #expect(outcome.output.contains(word), "\(word)")
    }
    guard shell == "bash" else { return }
    // bash itself reads it without complaint.
    let folder = try TemporaryFolder()
    try Data(outcome.output.utf8).write(to: folder.url.appending(path: "griffin"))
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["bash", "-n", folder["griffin"]]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  @Test func theManualIsMadeOfTheHelp() throws {
    let outcome = try Program.run(["--experimental-dump-help"])
    #expect(outcome.status == 0)
    let command = try #require(try outcome.json["command"] as? [String: Any])
    let names = (command["subcommands"] as? [[String: Any]])?.compactMap { $0["commandName"] as? String } ?? []
    #expect(Set(names).isSuperset(of: ["convert", "quantize", "inspect", "verify", "generate", "sign"]))
  }

  @Test func anotherShellIsWrongUsage() throws {
    #expect(try Program.run(["--generate-completion-script", "no-such-shell"]).status == 64)
  }
}
