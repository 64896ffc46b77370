"""Templates in words of griffin's own that behave as those of released models do: default system messages, thoughts that a prompt
begins, turns with and without spaces, dates, headers. `make-template-vectors.py` writes what jinja2 makes of them.
"""
TALKS = [
    [{"role": "user", "content": "Hi"}],
    [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes."}, {"role": "user", "content": "Why?"}],
    [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
]
DATE, BOS, EOS = "2025-03-09", "<s>", "</s>"
TEMPLATES = {}
LOOP="{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
TEMPLATES["chatml-with-a-system-message-of-its-own"]="{% if messages[0].role != 'system' %}{{ '<|im_start|>system\\nYou were made here.<|im_end|>\\n' }}{% endif %}"+LOOP
TEMPLATES["chatml-that-begins-a-thought"]=LOOP.replace("assistant\\n' }}{% endif","assistant\\n<think>\\n' }}{% endif")
TEMPLATES["chatml-with-bos"]="{{ bos_token }}"+LOOP
TEMPLATES["deepseek-distill"]="""{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}{% set ns = namespace(system='') %}{%- for m in messages %}{%- if m['role'] == 'system' %}{% set ns.system = m['content'] %}{%- endif %}{%- endfor %}{{ bos_token }}{{ ns.system }}{%- for m in messages %}{%- if m['role'] == 'user' %}{{ '<｜User｜>' + m['content'] }}{%- endif %}{%- if m['role'] == 'assistant' %}{% set said = m['content'] %}{% if '</think>' in said %}{% set said = said.split('</think>')[-1] %}{% endif %}{{ '<｜Assistant｜>' + said + '<｜end▁of▁sentence｜>' }}{%- endif %}{%- endfor %}{% if add_generation_prompt %}{{ '<｜Assistant｜><think>\\n' }}{% endif %}"""
TEMPLATES["zephyr"]="{% for m in messages %}\n{% if m['role'] == 'user' %}\n{{ '<|user|>\\n' + m['content'] + eos_token }}\n{% elif m['role'] == 'system' %}\n{{ '<|system|>\\n' + m['content'] + eos_token }}\n{% elif m['role'] == 'assistant' %}\n{{ '<|assistant|>\\n' + m['content'] + eos_token }}\n{% endif %}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}"
TEMPLATES["mistral-without-spaces"]="""{%- if messages[0]['role'] == 'system' %}
    {%- set system = messages[0]['content'] %}
    {%- set turns = messages[1:] %}
{%- else %}
    {%- set turns = messages %}
{%- endif %}
{{- bos_token }}
{%- for m in turns %}
    {%- if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('roles must take turns') }}
    {%- endif %}
    {%- if m['role'] == 'user' %}
        {%- if loop.last and system is defined %}
            {{- '[INST]' + system + '\\n\\n' + m['content'] + '[/INST]' }}
        {%- else %}
            {{- '[INST]' + m['content'] + '[/INST]' }}
        {%- endif %}
    {%- else %}
        {{- m['content'] + eos_token }}
    {%- endif %}
{%- endfor %}"""
TEMPLATES["mistral-with-spaces"]="{{ bos_token }}{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must take turns') }}{% endif %}{% if m['role'] == 'user' %}{{ ' [INST] ' + m['content'] + ' [/INST]' }}{% else %}{{ ' ' + m['content'] + eos_token }}{% endif %}{% endfor %}"
TEMPLATES["system-prompt-block"]="{{- bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ '[SYSTEM_PROMPT]' + m.content + '[/SYSTEM_PROMPT]' }}{% elif m.role == 'user' %}{{ '[INST]' + m.content + '[/INST]' }}{% else %}{{ m.content + eos_token }}{% endif %}{% endfor %}"
TEMPLATES["dates"]="""{{- bos_token }}
{%- if not day is defined %}
    {%- if strftime_now is defined %}
        {%- set day = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set day = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system = messages[0]['content'] | trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{{- "Knowledge until: December 2023\\n" }}
{{- "Today: " + day + "\\n\\n" }}
{{- system }}
{{- "<|eot_id|>" }}
{%- for m in messages %}
    {{- '<|start_header_id|>' + m['role'] + '<|end_header_id|>\\n\\n' + m['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}"""
TEMPLATES["functionary-headers"]="{% for m in messages %}\n{% if m['role'] == 'user' or m['role'] == 'system' %}\n{{ '<|start_header_id|>' + m['role'] + '<|end_header_id|>\\n\\n' + m['content'] + '<|eot_id|>' }}{% elif m['role'] == 'assistant' %}\n{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% if 'content' in m and m['content'] is not none %}\n{{ '>>>all\\n' + m['content'] }}{% endif %}\n{{ '<|eot_id|>' }}{% endif %}\n{% endfor %}\n{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n>>>' }}{% endif %}"
TEMPLATES["gemma-turns"]="{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system messages here') }}{% endif %}{% for m in messages %}{% if (m['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = m['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\\n' + m['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\\n'}}{% endif %}"


def document(render):
    """Every template over every talk.

    - render: jinja.render.
    """
    templates = []
    for name, template in TEMPLATES.items():
        renders = []
        for talk in TALKS:
            kind, text = render(
                template, {"messages": talk, "tools": None, "documents": None, "add_generation_prompt": True, "bos_token": BOS,
                           "eos_token": EOS}, DATE)
            assert kind in ("text", "raised"), (name, kind, text)
            renders.append({kind: text})
        templates.append({"name": name, "template": template, "renders": renders})
    return {"date": DATE, "bos_token": BOS, "eos_token": EOS, "talks": TALKS, "templates": templates}
