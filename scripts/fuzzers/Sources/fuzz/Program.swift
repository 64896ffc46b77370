import ByteStorage
import Foundation
import Fuzzers

/// `fuzz NAME [libFuzzer's arguments]`, `fuzz --list`, `fuzz --seeds NAME FOLDER`; `scripts/fuzz` is what people call.
@main enum Program {
  /// Set once, before libFuzzer's loop begins.
  nonisolated(unsafe) static var fuzzer: Fuzzer?

  /// The arguments as libFuzzer sees them.
  nonisolated(unsafe) private static var vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!

  static func main() throws {
    let arguments = CommandLine.arguments
    if arguments.dropFirst().first == "--list" {
      for fuzzer in Fuzzer.all { print(fuzzer.name.padding(toLength: 18, withPad: " ", startingAt: 0) + fuzzer.description) }
    } else if arguments.count == 4, arguments[1] == "--seeds", let fuzzer = named(arguments[2]) {
      defer { WorkFolder.remove() }
      try FileManager.default.createDirectory(atPath: arguments[3], withIntermediateDirectories: true)
      for seed in try fuzzer.seeds() {
        // A seed that is refused leads nowhere: better to hear of it here.
        do { try fuzzer.read(seed.bytes) } catch { print("seed \(seed.name) is refused: \(error)") }
        try Data(seed.bytes).write(to: URL(fileURLWithPath: "\(arguments[3])/\(seed.name)"))
      }
    } else if arguments.count > 1, let fuzzer = named(arguments[1]) {
      setenv(variable, fuzzer.name, 1)
      run(fuzzer, arguments.dropFirst(2))
    } else if arguments.count > 1, arguments[1].hasPrefix("-"),
      let fuzzer = ProcessInfo.processInfo.environment[variable].flatMap(named)
    {
      run(fuzzer, arguments.dropFirst(1))
    } else {
      print("usage: fuzz NAME [libFuzzer's arguments]; fuzz --list; fuzz --seeds NAME FOLDER")
      exit(64)
    }
  }

  /// libFuzzer starts the program anew for some of its modes, without the name.
  private static let variable = "GRIFFIN_FUZZER"

  private static func named(_ name: String) -> Fuzzer? { Fuzzer.all.first { $0.name == name } }

  /// Gives the loop to libFuzzer.
  private static func run(_ fuzzer: Fuzzer, _ rest: ArraySlice<String>) -> Never {
    Program.fuzzer = fuzzer
    atexit { WorkFolder.remove() }
    let words = [CommandLine.arguments[0], "-max_len=\(fuzzer.maximumBytes)"] + rest
    // libFuzzer keeps the pointers, and so must we: what nothing points to counts as a leak.
    vector = .allocate(capacity: words.count + 1)
    for (index, word) in words.enumerated() { vector[index] = strdup(word) }
    vector[words.count] = nil
    var (count, arguments) = (Int32(words.count), vector!)
    exit(LLVMFuzzerRunDriver(&count, &arguments) { data, count in testOneInput(data, count) })
  }
}

private func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  do {
    try Program.fuzzer?.read(Array(UnsafeBufferPointer(start: data, count: count)))
  } catch is GriffinError {
    return 0
  } catch {
    // Readers answer with GriffinError alone.
    fatalError("an error of another type: \(error)")
  }
  return 0
}
