import ByteStorage
import Templates
import Testing

/// What is refused, by name and place.
struct RefusalTests {
  @Test(arguments: [
    ("{{ ''.__class__ }}", GriffinError.Kind.unsafe, "line 1, column 7: the attribute __class__ reaches into the interpreter"),
    ("a\n{% import 'x' as y %}", .unsafe, "line 2, column 4: the statement import reaches beyond the template"),
    ("{% include 'x' %}", .unsafe, "the statement include reaches"),
    ("{% do x %}", .unsupported, "the statement do is not known"),
    ("{% if x %}", .malformed, "the template ends before elif or else or endif"),
    ("{% endif %}", .unsupported, "the statement endif is not known"),
    ("{{ x", .malformed, "line 1, column 1: the tag does not end"),
    ("{{ ) }}", .malformed, "unexpected )"),
    ("{# never", .malformed, "the comment does not end"),
    ("{% break %}", .malformed, "break outside of a loop"),
    ("{% set true = 1 %}", .malformed, "true cannot be assigned to"),
    ("{{ 99999999999999999999 }}", .unsupported, "is beyond 64 bits"),
    (
      "{{ " + String(repeating: "(", count: 200) + "1" + String(repeating: ")", count: 200) + " }}", .unsafe,
      "inside of each other"
    ),
    ("{{ 1" + String(repeating: " + 1", count: 200) + " }}", .unsafe, "inside of each other"),
  ])
  func whenRead(source: String, kind: GriffinError.Kind, message: String) {
    let error = #expect(throws: GriffinError.self) { try ChatTemplate(source) }
    #expect(error?.kind == kind && error?.message.contains(message) == true, "\(String(describing: error))")
  }

  @Test(arguments: [
    ("{{ x | nosuch }}", GriffinError.Kind.unsupported, "line 1, column 8: the filter nosuch is not known"),
    ("{% if x is nosuch %}{% endif %}", .unsupported, "the test nosuch is not known"),
    ("{{ x['__class__'] }}", .unsafe, "the attribute __class__ reaches into the interpreter"),
    ("{{ x | attr('__class__') }}", .unsafe, "the attribute __class__ reaches into the interpreter"),
    ("{{ x | map(attribute='__class__') | list }}", .unsafe, "the attribute __class__ reaches into the interpreter"),
    ("{{ [].append(1) }}", .unsafe, "access to attribute 'append' of 'list' object is unsafe"),
    ("{{ {}.update({}) }}", .unsafe, "access to attribute 'update' of 'dict' object is unsafe"),
    ("{{ x.encode() }}", .unsupported, "the attribute encode of a str is not known"),
    ("{{ nothing.at.all }}", .malformed, "'nothing' is undefined"),
    ("{{ {}.a.b }}", .malformed, "'dict object' has no attribute 'a'"),
    ("{{ raise_exception('no ' ~ x) }}", .inconsistent, "the template refuses these messages: no text"),
    ("{{ strftime_now('%Q') }}", .unsupported, "a code in the date %Q is not known"),
    ("{{ 9223372036854775807 + 1 }}", .unsupported, "a number beyond 64 bits"),
    ("{{ 2 ** 10000 }}", .unsupported, "a number beyond 64 bits"),
    ("{{ range(100001) }}", .unsafe, "Range too big"),
    ("{{ x * 10 ** 12 }}", .unsafe, "takes more than 4194304 steps"),
    ("{{ 'ab'.ljust(10 ** 12) }}", .unsafe, "takes more than 4194304 steps"),
    (
      "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}", .unsafe, "takes more than 4194304 steps"
    ),
    ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", .unsafe, "run inside of each other"),
    (
      "{% set ns = namespace(x=[]) %}{% for i in range(1000) %}{% set ns.x = [ns.x] %}{% endfor %}", .unsafe,
      "values inside of each other"
    ),
    ("{% set ns = namespace() %}{% set ns.me = ns %}{{ ns }}", .unsafe, "run inside of each other"),
    ("{% set ns = namespace(x=x) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}", .unsafe, "steps"),
    (
      "{% set ns = namespace(x=[x]) %}{% for i in range(90) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == ns.x }}",
      .unsafe, "steps"
    ),
    (
      "{% set ns = namespace(x=[x]) %}{% for i in range(90) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson }}",
      .unsafe, "steps"
    ),
    ("{% for i in range(40000) %}{{ x * 500 }}{% endfor %}", .unsafe, "bytes of text"),
  ])
  func whenRendered(source: String, kind: GriffinError.Kind, message: String) throws {
    let template = try ChatTemplate(source)
    let error = #expect(throws: GriffinError.self) { try template.render(["x": "text"], day: Day("2024-07-26")) }
    #expect(error?.kind == kind && error?.message.contains(message) == true, "\(String(describing: error))")
  }

  @Test func aTemplateIsNoLongerThanItsLimit() {
    let error = #expect(throws: GriffinError.self) { try ChatTemplate(String(repeating: "a", count: (1 << 20) + 1)) }
    #expect(error?.kind == .unsafe)
  }
}

struct DayTests {
  @Test func daysAreCountedFromTheEpoch() throws {
    #expect(Day(daysSinceEpoch: 0).description == "1970-01-01")
    #expect(Day(daysSinceEpoch: 19_782).description == "2024-02-29")
    #expect(Day(daysSinceEpoch: -1).description == "1969-12-31")
    for text in ["2024-02-30", "2023-02-29", "24-01-01", "2024-13-01", "2024/01/01", ""] {
      #expect(throws: GriffinError.self) { try Day(text) }
    }
  }

  /// By Python's strftime.
  @Test func daysAreWritten() throws {
    let template = try ChatTemplate("{{ strftime_now('%d %b %Y|%B %-d, %y|%A %a %j %u %w|%H:%M:%S %I %p|%F %D %e%%') }}")
    #expect(
      try template.render([:], day: Day("2024-03-05"))
        == "05 Mar 2024|March 5, 24|Tuesday Tue 065 2 2|00:00:00 12 AM|2024-03-05 03/05/24  5%")
    #expect(try ChatTemplate("{{ strftime_now is defined }}").render([:], day: nil) == "False")
  }
}
