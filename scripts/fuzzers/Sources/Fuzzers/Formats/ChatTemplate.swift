import ByteStorage
import Templates

extension Fuzzer {
  static let chatTemplate = Fuzzer(
    name: "template", description: "chat templates: read, and rendered over a conversation with tools",
    maximumBytes: 4096,
    read: { input in
      guard let source = input.rawBytes.utf8Text else { return }
      var limits = TemplateLimits.standard
      // Time is bounded by steps; the rest is what an input of this size may well use.
      limits.steps = 1 << 18
      _ = try ChatTemplate(source, limits: limits).render(variables, day: Day("2024-02-29"))
    },
    seeds: { seeds.map { Seed($0.0, Array($0.1.utf8)) } })

  private static let variables: JSONObject = [
    "messages": [
      ["role": "system", "content": " Be brief.\n"], ["role": "user", "content": "Zo\u{EB}'s \"1 < 2\""],
      [
        "role": "assistant", "content": nil,
        "tool_calls": [["function": ["name": "f", "arguments": ["a": 1, "b": [1.5, true, nil]]]]],
      ],
    ],
    "tools": [["type": "function", "function": ["name": "f", "parameters": ["properties": ["a": ["type": "integer"]]]]]],
    "add_generation_prompt": true, "bos_token": "<s>", "eos_token": "</s>",
  ]

  private static let seeds = [
    (
      "chat",
      "{% for m in messages %}{{ '<|' + m['role'] + '|>' }}\n{{ m.content | trim }}{{ eos_token }}\n{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
    ),
    (
      "tools",
      "{%- if tools is not none and tools | length > 0 %}{{ tools | tojson(indent=2) }}{% endif -%}{% for t in tools %}{{ t.function.parameters.properties.items() | list }}{% endfor %}"
    ),
    (
      "namespace",
      "{% set ns = namespace(n=0, s='') %}{% for m in messages if m.content %}{% set ns.n = ns.n + 1 %}{% set ns.s = ns.s ~ m.content[::-1] ~ loop.index0 %}{% else %}none{% endfor %}{{ ns.n }}{{ ns.s }}"
    ),
    (
      "macro",
      "{% macro f(a, b='x', c=none) -%}{{ a ~ b ~ varargs ~ kwargs }}{%- endmacro %}{{ f(1, 2, d=3) }}{% call f(1) %}{{ caller }}{% endcall %}"
    ),
    (
      "text",
      "{{ 'a,b,,c'.split(',') }}{{ 'x%sy%03d' % ('q', 7) }}{{ '{0}{a!r:>9}'.format(1, a='z') }}{{ ' a '.strip() | upper | replace('A', 'b') | indent(3, true) }}"
    ),
    (
      "lists",
      "{{ [3, 1, 2] | sort(reverse=true) | map('string') | join('-') }}{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | first }}{{ {'b': 1, 'A': 2} | dictsort }}"
    ),
    (
      "numbers",
      "{{ 7 // -2 }}{{ -7 % 3 }}{{ 2 ** 10 }}{{ 1 / 3 }}{{ 1e16 }}{{ '42.9' | int }}{{ 1 < 2 <= 2 != 3 }}{{ not (1 in [1, 2]) }}"
    ),
    (
      "blocks",
      "{% filter upper %}a{% endfilter %}{% set x %}b{% endset %}{% with y = x %}{{ y }}{% endwith %}{% raw %}{{ }}{% endraw %}{# no #}{% generation %}c{% endgeneration %}{{ strftime_now('%d %b %Y') }}"
    ),
    (
      "loops",
      "{% for i in range(3) recursive %}{{ loop.length }}{{ loop.cycle('a', 'b') }}{{ loop.changed(i) }}{% if i == 1 %}{% continue %}{% endif %}{% if loop.last %}{% break %}{% endif %}{{ loop.nextitem }}{% endfor %}"
    ),
  ]
}
