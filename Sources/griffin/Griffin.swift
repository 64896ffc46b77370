import ArgumentParser
import ByteStorage

/// The program: parses, runs one command, and turns every outcome into the contract's exit codes.
@main
struct Program {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    let json = arguments.contains("--json")
    Interruption.install(json: json)
    // Everything that the command held is gone when the process ends, which a sanitizer then sees.
    exit(status(arguments, json: json))
  }

  /// Runs what the arguments ask for.
  @inline(never) private static func status(_ arguments: [String], json: Bool) -> ExitStatus {
    do {
      var command = try Griffin.parseAsRoot(arguments)
      try command.run()
      return .success
    } catch let outcome as ExitStatus {
      return outcome
    } catch let error as GriffinError {
      return Console.report(error, json: json)
    } catch {
      return parsingOutcome(error, json: json)
    }
  }

  /// Help and version are answers; everything else the parser throws is wrong usage.
  private static func parsingOutcome(_ error: any Error, json: Bool) -> ExitStatus {
    let text = Griffin.message(for: error)
    if Griffin.exitCode(for: error).isSuccess {
      Console.output(Griffin.fullMessage(for: error))
      return .success
    }
    return Console.report(
      GriffinError(.usage, text, hints: ["griffin --help lists the commands, griffin help COMMAND its flags"]), json: json)
  }
}

struct Griffin: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "griffin",
    abstract: "Pack a language model and its speculative draft into one verified, memory-mapped bundle.",
    discussion: """
      EXAMPLES:
        griffin convert --target Llama-2-7b-chat-hf --draft GRIFFIN-llama2-chat-7B \\
            -o pair.griffin
        griffin inspect pair.griffin
        griffin generate pair.griffin --prompt "Tell me a story about a fox."
        griffin verify pair.griffin --trace trace.json
      """,
    version: Version.text,
    subcommands: [Convert.self, Quantize.self, Work.self, Status.self, Finish.self, Sweep.self, Inspect.self, Verify.self, Generate.self, Tokenize.self, Tune.self, Calibrate.self, Allocate.self, Align.self, Export.self, Diff.self, Edit.self, Pack.self, Unpack.self, Sign.self])
}
