public import Foundation

/// The command as the build made it.
public enum BuiltCommand {
  /// Where it is: beside the tests.
  public static let url: URL = {
    #if os(Linux)
      let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    #else
      let tests = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL ?? Bundle.main.bundleURL
    #endif
    return tests.deletingLastPathComponent().appending(path: "griffin")
  }()

  /// Whether the build has a sanitizer in it, which takes address space and time that no limit should count.
  public static let isSanitized: Bool = {
    let symbols = ["__asan_init", "__tsan_init"]
    // Sound: look-ups in the running program, whose results are only compared with nil.
    return symbols.contains { (symbol: String) in unsafe dlsym(dlopen(nil, RTLD_NOW), symbol) != nil }
  }()
}
