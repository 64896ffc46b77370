public import ByteStorage

/// A day, for templates that write one into their system message.
public struct Day: Sendable, Hashable {
  public let year: Int
  public let month: Int
  public let day: Int

  /// - Throws: `usage` for anything but `YYYY-MM-DD` of a day that there is.
  public init(_ text: String) throws(GriffinError) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), year > 0, (1...12).contains(month),
      (1...Day.length(ofMonth: month, year: year)).contains(day)
    else { throw GriffinError(.usage, "\(text.shortened) is no day; one is written as 2024-07-26") }
    (self.year, self.month, self.day) = (year, month, day)
  }

  /// - Parameter daysSinceEpoch: Days since 1970-01-01, as the clock of the user's place counts them.
  public init(daysSinceEpoch: Int) {
    // Counted from 0000-03-01, so that a leap day ends a year.
    let days = daysSinceEpoch + 719_468
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let dayOfEra = days - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shifted + 2) / 5 + 1
    month = shifted < 10 ? shifted + 3 : shifted - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  private static func length(ofMonth month: Int, year: Int) -> Int {
    month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
  ]
  private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

  private var dayOfYear: Int { (1..<month).reduce(day) { $0 + Day.length(ofMonth: $1, year: year) } }

  /// From zero, a Sunday.
  private var weekday: Int {
    let before = year - 1
    return (before * 365 + before / 4 - before / 100 + before / 400 + dayOfYear) % 7
  }

  /// `strftime` at midnight of the day, in English.
  /// - Returns: nil where it has a code that is not known.
  func text(_ format: String) -> String? {
    var result = ""
    var rest = format.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      guard scalar == "%" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      let isBare = rest.first == "-"
      if isBare { rest.removeFirst() }
      guard let code = rest.popFirst() else { return nil }
      if let (value, width) = number(code) {
        result += isBare ? String(value) : Day.padded(value, width)
      } else if !isBare, let word = word(code) {
        result += word
      } else {
        return nil
      }
    }
    return result
  }

  private func number(_ code: Unicode.Scalar) -> (value: Int, width: Int)? {
    switch code {
    case "Y": (year, 1)
    case "y": (year % 100, 2)
    case "m": (month, 2)
    case "d": (day, 2)
    case "j": (dayOfYear, 3)
    case "H", "M", "S": (0, 2)
    case "I": (12, 2)
    case "u": (weekday == 0 ? 7 : weekday, 1)
    case "w": (weekday, 1)
    default: nil
    }
  }

  private func word(_ code: Unicode.Scalar) -> String? {
    switch code {
    case "B": Day.months[month - 1]
    case "b", "h": String(Day.months[month - 1].prefix(3))
    case "A": Day.weekdays[weekday]
    case "a": String(Day.weekdays[weekday].prefix(3))
    case "e": (day < 10 ? " " : "") + String(day)
    case "p": "AM"
    case "F": description
    case "D": "\(Day.padded(month, 2))/\(Day.padded(day, 2))/\(Day.padded(year % 100, 2))"
    case "T": "00:00:00"
    case "R": "00:00"
    case "n": "\n"
    case "t": "\t"
    case "%": "%"
    default: nil
    }
  }

  private static func padded(_ value: Int, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }
}

extension Day: CustomStringConvertible {
  /// `YYYY-MM-DD`.
  public var description: String { "\(Day.padded(year, 4))-\(Day.padded(month, 2))-\(Day.padded(day, 2))" }
}
