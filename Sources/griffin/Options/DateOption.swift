import ArgumentParser
import ByteStorage
import Templates

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The day that a model's template may write into its conversations.
struct DateOption: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("The day that the model's template is told, if it writes one (default: today).", valueName: "YYYY-MM-DD"),
    transform: { text in do { return try Day(text) } catch { throw ValidationError((error as? GriffinError)?.message ?? "") } })
  var date: Day?

  var day: Day { date ?? DateOption.today }

  /// Today, by the clock of the user's place.
  static var today: Day {
    // Sound: both calls fill a local value, whose name of a time zone is not looked at.
    var now = time(nil)
    var local = unsafe tm()
    _ = unsafe localtime_r(&now, &local)
    return unsafe Day(daysSinceEpoch: Int((Double(now + local.tm_gmtoff) / 86_400).rounded(.down)))
  }
}
