#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A moment as requests are signed with it: `20260131T235959Z`.
package struct Timestamp: Sendable, Hashable {
  /// Seconds since 1970.
  package let seconds: Int

  package init(seconds: Int) { self.seconds = seconds }

  static var now: Timestamp { Timestamp(seconds: time(nil)) }

  /// `20260131T235959Z`.
  var text: String {
    let second = ((seconds % 86400) + 86400) % 86400
    return day + "T" + Timestamp.padded(second / 3600, 2) + Timestamp.padded(second / 60 % 60, 2) + Timestamp.padded(second % 60, 2) + "Z"
  }

  /// `20260131`, by the calendar's own arithmetic: eras of 400 years that begin in March.
  var day: String {
    let days = Int((Double(seconds) / 86400).rounded(.down)) + 719_468
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let dayOfEra = days - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
    return Timestamp.padded(year, 4) + Timestamp.padded(month < 10 ? month + 3 : month - 9, 2)
      + Timestamp.padded(dayOfYear - (153 * month + 2) / 5 + 1, 2)
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }
}
