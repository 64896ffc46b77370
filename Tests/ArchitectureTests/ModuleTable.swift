import Foundation
import Testing

/// The table of modules in the guide, lowest first.
struct ModuleTable {
  static let page = "Sources/griffin/griffin.docc/HowAByteTravels.md"

  /// Names by rows.
  let rows: [[String]]

  init() throws {
    let lines = try Repository.text(ModuleTable.page).split(separator: "\n")
    let head = try #require(lines.firstIndex { $0.hasPrefix("| module |") }, "\(ModuleTable.page) has no table of modules")
    rows = lines[(head + 2)...].prefix { $0.hasPrefix("|") }.map { row in
      (row.split(separator: "|").first ?? "").matches(of: /`(\w+)`/).map { String($0.output.1) }
    }
  }

  var names: [String] { rows.flatMap(\.self) }

  /// The place of a module, from 0 for those that import none.
  func row(of module: String) -> Int? { rows.firstIndex { $0.contains(module) } }
}
