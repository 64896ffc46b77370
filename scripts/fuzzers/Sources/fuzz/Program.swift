import ByteStorage
import Foundation

/// `fuzz NAME [libFuzzer's arguments]`, `fuzz --list`, `fuzz --seeds NAME FOLDER`; `scripts/fuzz` is what people call.
@main enum Program {
  /// Set once, before libFuzzer's loop begins.
  nonisolated(unsafe) static var fuzzer: Fuzzer?

  static func main() throws {
    let arguments = CommandLine.arguments
    if arguments.dropFirst().first == "--list" {
      for fuzzer in Fuzzer.all { print(fuzzer.name.padding(toLength: 18, withPad: " ", startingAt: 0) + fuzzer.description) }
    } else if arguments.count == 4, arguments[1] == "--seeds", let fuzzer = named(arguments[2]) {
      try FileManager.default.createDirectory(atPath: arguments[3], withIntermediateDirectories: true)
      for seed in try fuzzer.seeds() {
        // A seed that is refused leads nowhere: better to hear of it here.
        do { try fuzzer.read(seed.bytes) } catch { print("seed \(seed.name) is refused: \(error)") }
        try Data(seed.bytes).write(to: URL(fileURLWithPath: "\(arguments[3])/\(seed.name)"))
      }
    } else if arguments.count > 1, let fuzzer = named(arguments[1]) {
      run(fuzzer)
    } else {
      print("usage: fuzz NAME [libFuzzer's arguments]; fuzz --list; fuzz --seeds NAME FOLDER")
      exit(64)
    }
  }

  private static func named(_ name: String) -> Fuzzer? { Fuzzer.all.first { $0.name == name } }

  /// Gives the loop to libFuzzer, which takes the name for its program's.
  private static func run(_ fuzzer: Fuzzer) -> Never {
    Program.fuzzer = fuzzer
    var rest: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.dropFirst().map { strdup($0) }
    rest[0] = strdup(CommandLine.arguments[0])
    rest.insert(strdup("-max_len=\(fuzzer.maximumBytes)"), at: 1)
    rest.append(nil)
    var count = Int32(rest.count - 1)
    // libFuzzer starts itself anew for some of its modes; it is never asked for them here, and keeps the pointer.
    let vector = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: rest.count)
    vector.initialize(from: rest, count: rest.count)
    var arguments = vector
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

@_silgen_name("LLVMFuzzerRunDriver")
private func LLVMFuzzerRunDriver(
  _ count: UnsafeMutablePointer<Int32>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32
