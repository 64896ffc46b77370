import ByteStorage
import TestSupport

/// Chat templates: each is stored as it is. One that cannot be rendered says why, and prompts go as they are.
extension TokenizerCorpus {
  private static let templates = "chat-templates.md"

  /// - Parameter words: The rule of `formats/chat-templates.md`.
  private static func template(
    _ name: String, _ words: String = "A template is rendered", _ warnings: String..., text: String
  ) -> AcceptedCase {
    AcceptedCase("template-\(name)", rule: Rule(templates, words), warnings: warnings) { folder in
      try folder.writeTokenizer()
      try folder.write(text, to: "target/chat_template.jinja")
    }
  }

  private static let unknown =
    "A filter, a test, an attribute or a statement that is not in these tables is refused by its name and place"
  private static let internals = "A name that begins with `__`"
  private static let stepLimit = "4,194,304 steps"
  private static let inside = "statements and expressions that run inside of each other"
  private static let written = "statements and expressions that are written inside of each other"

  static let acceptedTemplates: [AcceptedCase] = [
    template("plain", text: "{% for message in messages %}[INST] {{ message.content }} [/INST]{% endfor %}"),
    template("of-a-control-sequence", text: "\u{1B}]0;owned\u{07}{{ messages }}"),
    template(
      "of-internals", internals, "\"__\"", "line 1, column 7: the attribute __class__ reaches into the interpreter",
      text: "{{ ''.__class__.__mro__[1].__subclasses__()[104].__init__.__globals__['os'].system('touch executed') }}"),
    template("of-internals-by-item", internals, "__class__", text: "{{ messages['__class__'] }}"),
    template("of-internals-in-parts", internals, "__class__", text: "{{ messages['_' ~ '_class_' ~ '_'] }}"),
    template("of-internals-by-filter", internals, "__globals__", text: "{{ range | attr('__globals__') }}"),
    template("of-internals-by-map", internals, "__class__", text: "{{ messages | map(attribute='__class__') | list }}"),
    template(
      "that-imports", "reach beyond the template", "\"import\"", "the statement import",
      text: "{%- import '/etc/passwd' as x -%}{{ x }}"),
    template(
      "that-includes", "reach beyond the template", "\"include\"", "the statement include", text: "{% include '/etc/passwd' %}"),
    template("that-extends", "reach beyond the template", "\"extends\"", "the statement extends", text: "{% extends 'x' %}"),
    template("that-changes-a-list", "would change a value", "'append' of 'list'", text: "{% set x = [] %}{{ x.append(1) }}"),
    template("of-an-unknown-filter", unknown, "line 1, column 15: the filter pprint", text: "{{ messages | pprint }}"),
    template("of-an-unknown-test", unknown, "the test odder", text: "{{ 1 is odder }}"),
    template("of-an-unknown-method", unknown, "the attribute encode of a str", text: "{{ ''.encode('utf-16') }}"),
    template("of-an-unknown-statement", unknown, "the statement do", text: "{% do messages %}"),
    template(
      "of-a-large-range", "100,000 elements of a `range`", "Range too big", text: "{% for a in range(10**12) %}{% endfor %}"),
    template(
      "of-nested-loops", stepLimit, "more than 4194304 steps",
      text: "{% for a in range(99999) %}{% for b in range(99999) %}{{ a * b }}{% endfor %}{% endfor %}"),
    template("of-repeated-text", stepLimit, "more than 4194304 steps", text: "{{ ('a' * 10 ** 9) | length }}"),
    template("of-a-wide-field", stepLimit, "more than 4194304 steps", text: "{{ '%999999999s' % 'a' }}"),
    template(
      "of-doubled-text", stepLimit, "more than 4194304 steps",
      text: "{% set n = namespace(x='ab') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}"),
    template(
      "of-doubled-lists", stepLimit, "more than 4194304 steps",
      text: "{% set n = namespace(x=[1]) %}{% for i in range(90) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x == n.x }}"),
    template(
      "of-doubled-json", stepLimit, "more than 4194304 steps",
      text: "{% set n = namespace(x=[1]) %}{% for i in range(90) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x | tojson }}"),
    template(
      "of-replaced-text", stepLimit, "more than 4194304 steps",
      text: "{% set n = namespace(x='aa') %}{% for i in range(99) %}{% set n.x = n.x.replace('a', n.x) %}{% endfor %}"),
    template(
      "of-much-text", "16 MiB of text", "bytes of text", text: "{% for i in range(99999) %}{{ 'some text ' * 100 }}{% endfor %}"),
    template(
      "of-a-macro-that-calls-itself", inside, "run inside of each other", text: "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
    template(
      "of-a-loop-in-itself", inside, "run inside of each other",
      text: "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}"),
    template(
      "of-deep-brackets", written, "inside of each other",
      text: "{{ " + String(repeating: "(", count: 60_000) + String(repeating: ")", count: 60_000) + " }}"),
    template(
      "of-deep-lists", written, "inside of each other",
      text: "{{ " + String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000) + " }}"),
    template("of-long-sums", written, "inside of each other", text: "{{ 1" + String(repeating: "+1", count: 60_000) + " }}"),
    template("of-many-signs", written, "inside of each other", text: "{{ " + String(repeating: "-", count: 60_000) + "1 }}"),
    template("of-deep-statements", written, "inside of each other", text: String(repeating: "{% if true %}", count: 10_000)),
    template(
      "of-deep-values", "values that hold each other", "values inside of each other",
      text: "{% set n = namespace(x=[]) %}{% for i in range(9999) %}{% set n.x = [n.x] %}{% endfor %}"),
    template("of-a-large-power", "beyond 64 bits", "beyond 64 bits", text: "{{ 9 ** 999999999 }}"),
    template(
      "of-a-large-number", "beyond 64 bits", "beyond 64 bits", text: "{{ " + String(repeating: "9", count: 10_000) + " }}"),
    template("that-does-not-close", "that is no template", "cannot be rendered", text: "{% for a in "),
    template(
      "that-refuses", "refuses a user's message alone", "the template refuses these messages: never",
      text: "{{ raise_exception('never') }}"),
    template("of-many-parts", "131,072 parts", "more than 131072 parts", text: String(repeating: "{{ a }}", count: 1 << 16)),
    template("of-megabytes", "1 MiB", "at most 1048576 are read", text: String(repeating: "a", count: (1 << 20) + 1)),
  ]
}
