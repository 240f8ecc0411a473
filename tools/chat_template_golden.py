"""Renders chat templates with Jinja2, set up as transformers does, for src/text/jinja to be held to.

    python tools/chat_template_golden.py                 writes test/golden/fixtures/chat-templates.json
    python tools/chat_template_golden.py FOLDER OUT      the same of every template under FOLDER, to OUT

The fixture holds one template for each construct below, and templates of our own that are built as those of the model
families that r1 reads. Published templates are not part of this project: the second form renders a folder of them
(*.jinja, tokenizer_config.json), and `node --import tsx tools/chat-template-peer.ts OUT` compares.
"""

import json
import platform
import sys
from pathlib import Path

import jinja2
import transformers
from transformers.utils.chat_template_utils import _compile_jinja_template

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "test" / "golden" / "fixtures" / "chat-templates.json"

VARIABLES = {
    "text": "  Naïve \t café\n",
    "name": "x--Llama_3--x",
    "words": ["b", "A", "c", "a"],
    "numbers": [3, 1, 2, 3, -7],
    "mixed": [1, 2.5, True, False, None, "it's", 'say "so"', "both ' and \"", "a\n\t\\", "é中🙂", [], {}, [1, [2]], {"k": None}],
    "record": {"b": 1, "a": "two", "C": [True, None], "items": "shadow"},
    "people": [
        {"name": "Ann", "age": 40, "home": {"city": "Oslo"}, "tags": ["x"]},
        {"name": "bob", "age": 7, "home": {"city": "Rome"}},
        {"name": "Cid", "age": 40, "home": {"city": "Bern"}, "tags": []},
    ],
    "nothing": None,
    "yes": True,
    "zero": 0,
    "third": 1 / 3,
    "big": 1e22,
    "small": 1e-7,
    "emoji": "a🙂b",
    "empty": "",
    "html": "<b>&'\"</b>",
}

# Name, then template. What differs between the two families of white space, values and printing is what templates trip over.
CONSTRUCTS = {
    # White space
    "trim blocks": "{% if yes %}\nA\n{% endif %}\nB\n",
    "lstrip blocks": "A\n    {% if yes %}\n    B\n\t {% endif %}\n C",
    "minus before": "A  \n {%- if yes %} B{% endif %}",
    "minus after": "A {% if yes -%}  \n\n B{% endif %}",
    "minus around an expression": "A \n {{- ' x ' -}} \n B",
    "plus keeps the indent": "A\n  {%+ if yes %}B{% endif %}",
    "plus keeps the newline": "{% if yes +%}\nB{% endif %}",
    "comments": "A\n  {# gone #}\nB {#- gone -#} C {# {{ 1 }} #}",
    "last newline": "A\n\n",
    "braces that are text": "x\n  {- y -}\nz }} %} { {",
    "hash brace at a line's end": "#}\nA -}\nB",
    "raw": "{% raw %}{{ not }} {% this %}{% endraw %}|",
    "tags inside strings": "{{ '{% if %}' }}{{ '  {% x %}\n' }}{{ \"{{\" }}{{ '}}' }}",
    "windows line ends": "{% if yes %}\r\nA\r\n{% endif %}\r\nB",
    "generation": "A\n  {% generation %}\n  B\n  {% endgeneration %}\nC {%- generation -%} D {%- endgeneration %}",
    # Literals and printing
    "constants": "{{ true }} {{ false }} {{ none }} {{ True }} {{ False }} {{ None }}",
    "lists": "{{ mixed }}",
    "records": "{{ record }} {{ {'a': 1, 'b': [true, none]} }} {{ {} }}",
    "tuples": "{{ (1, 'a') }}",
    "numbers": "{{ 1 }} {{ 1.0 }} {{ 2.50 }} {{ third }} {{ big }} {{ small }} {{ -0.0 }}",
    "undefined prints nothing": "[{{ missing }}][{{ record.missing }}][{{ record['missing'] }}][{{ words[9] }}]",
    "string escapes": r"{{ 'a\n\t\\\'\"\x41\u00e9' }} {{ 'joined ' 'strings' }}",
    "unknown escapes stay": r"{{ '\d \. \p' }}",
    "quotes in strings": "{{ \"it's\" }} {{ 'say \"so\"' }} {{ [\"it's\"] }}",
    # Operators
    "arithmetic": "{{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 6 / 2 }} {{ 2 ** 3 }} {{ 2 * 3.0 }} {{ 1 - 3 }}",
    "precedence": "{{ 1 + 2 * 3 }} {{ (1 + 2) * 3 }} {{ not yes and yes }} {{ not (yes and zero) }} {{ -2 ** 2 }}",
    "numbers without spaces": "{{ 5-1 }} {{ zero+1 }} {{ words|length-1 }} {{ loop_index|default(3)-1 }}",
    "comparison": "{{ 1 < 2 }} {{ 'a' < 'b' }} {{ 1 == 1.0 }} {{ yes == 1 }} {{ '1' == 1 }} {{ none == nothing }} {{ 1 != 2 }}",
    "chained comparison": "{{ 1 < 2 < 3 }} {{ 3 > 2 > 2 }} {{ 1 < 3 < 2 }}",
    "equal lists": "{{ [1, 'a'] == [1, 'a'] }} {{ {'a': 1} == {'a': 1} }} {{ [1] != [2] }} {{ [1, 2] < [1, 3] }} {{ people[0] in people }}",
    "membership": "{{ 'a' in words }} {{ 'z' not in words }} {{ 'af' in text }} {{ 'a' in record }} {{ 2 in numbers }} {{ none in mixed }} {{ 'b' in 'abc' }}",
    "membership in nothing": "{% if 'x' in missing %}A{% else %}B{% endif %}",
    "and, or keep the value": "{{ empty or 'other' }} {{ yes and 'last' }} {{ zero and 1 }} {{ nothing or none or 0 }}",
    "tilde": "{{ 1 ~ 'a' ~ none ~ true ~ [1] ~ missing ~ 1.0 }}",
    "plus": "{{ 'a' + 'b' }} {{ [1] + [2] }} {{ 1 + true }}",
    "times": "{{ 'ab' * 3 }} {{ [1, 2] * 2 }} {{ 3 * '-' }}",
    "percent format": "{{ '%s and %d, %.2f%%' % ('a', 3, 1.5) }} {{ '%s' % 'b' }}",
    "inline if": "{{ 'a' if yes else 'b' }} {{ 'a' if zero else 'b' if yes else 'c' }} [{{ 'a' if zero }}]",
    # Access
    "subscripts": "{{ words[0] }} {{ words[-1] }} {{ record['a'] }} {{ record.a }} {{ people[1].home.city }} {{ people[1]['home']['city'] }}",
    "slices": "{{ words[1:] }} {{ words[:-1] }} {{ words[::-1] }} {{ words[1:3] }} {{ name[3:8] }} {{ numbers[::2] }} {{ name[-3:] }}",
    "characters": "{{ emoji[1] }} {{ emoji|length }} {{ emoji[::-1] }} {{ emoji|list }}",
    "a key called items": "{{ record['items'] }} {{ record.items() | length }}",
    "methods of records": "{{ record.get('a') }} {{ record.get('z') }} {{ record.get('z', 'd') }} {{ record.keys() | list }} {{ record.values() | list }}",
    "dict": "{{ dict(a=1, b='x') }} {{ dict({'a': 1}, b=2) }}",
    # Strings
    "strip": "[{{ text.strip() }}][{{ name.strip('x') }}][{{ name.strip('-x') }}][{{ name.lstrip('x-') }}][{{ name.rstrip('x-') }}][{{ text.rstrip() }}][{{ text.lstrip('\\n ') }}]",
    "strip of Python's white space": "[{{ '\u001c\u001f\u0085\u00a0\u2003a\ufeff\u200b '.strip() }}]",
    "split": "{{ 'a,b,,c'.split(',') }} {{ ' a  b '.split() }} {{ 'a,b,c'.split(',', 1) }} {{ 'a b c'.split(none, 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ 'a</think>b</think>c'.split('</think>')[-1] }}",
    "splitlines, partition": "{{ 'a\nb\r\nc'.splitlines() }} {{ 'a=b=c'.partition('=') }} {{ 'a=b=c'.rpartition('=') }} {{ 'abc'.partition('=') }}",
    "case": "{{ 'hELLO wORLD'.title() }} {{ 'hELLO'.capitalize() }} {{ 'ß'.upper() }} {{ 'İ'.lower()|length }} {{ \"it's we're\".title() }}",
    "startswith": "{{ name.startswith('x-') }} {{ name.startswith(('a', 'x')) }} {{ name.endswith('y') }} {{ name.startswith('Ll', 3) }}",
    "replace": "{{ 'aaa'.replace('a', 'b') }} {{ 'aaa'.replace('a', 'b', 1) }} {{ 'ab'.replace('', '-') }} {{ 'a.b'.replace('.', '$&') }}",
    "find, count": "{{ 'hello'.find('l') }} {{ 'hello'.find('z') }} {{ 'hello'.rfind('l') }} {{ 'hello'.count('l') }} {{ 'hello'.index('e') }}",
    "join": "{{ ', '.join(words) }} {{ ''.join(['a', 'b']) }}",
    "is methods": "{{ 'abc'.isalpha() }} {{ '12'.isdigit() }} {{ ' '.isspace() }} {{ 'ABC'.isupper() }} {{ 'a1'.isalnum() }} {{ 'abc'.islower() }}",
    "removeprefix": "{{ 'abc'.removeprefix('a') }} {{ 'abc'.removesuffix('c') }} {{ 'abc'.removesuffix('x') }}",
    "format": "{{ '{} {}'.format('a', 1) }} {{ '{0}{1}{0}'.format('a', 'b') }} {{ '{n}!'.format(n='x') }}",
    # Filters
    "trim": "[{{ text | trim }}][{{ name | trim('x') }}][{{ nothing | trim }}]",
    "case filters": "{{ 'hELLO' | upper }} {{ 'hELLO' | lower }} {{ 'hello wORLD-x' | title }} {{ 'hELLO' | capitalize }}",
    "length": "{{ words | length }} {{ record | count }} {{ 'abc' | length }} {{ {} | length }}",
    "default": "{{ missing | default('d') }} {{ empty | default('d') }} {{ empty | default('d', true) }} {{ empty | d('e', boolean=true) }} {{ nothing | default('d') }} {{ missing | default }}",
    "join filter": "{{ words | join(', ') }} {{ numbers | join('-') }} {{ people | join(', ', attribute='name') }} {{ mixed[:5] | join(' ') }} {{ 'abc' | join('.') }}",
    "first, last": "{{ words | first }} {{ words | last }} {{ 'abc' | first }} [{{ [] | first }}]",
    "sort": "{{ words | sort }} {{ words | sort(reverse=true) }} {{ words | sort(case_sensitive=true) }} {{ numbers | sort }} {{ people | sort(attribute='age,name') | map(attribute='name') | list }}",
    "unique, reverse": "{{ numbers | unique | list }} {{ words | unique | list }} {{ numbers | reverse | list }} {{ 'abc' | reverse }}",
    "sum, min, max": "{{ numbers | sum }} {{ numbers | min }} {{ numbers | max }} {{ people | sum(attribute='age') }}",
    "round, abs, int, float": "{{ 2.567 | round(1) }} {{ 2.5 | round }} {{ -3 | abs }} {{ '12' | int }} {{ 'x' | int }} {{ 'x' | int(5) }} {{ 3.9 | int }} {{ -3.9 | int }} {{ '1.5' | float }} {{ 3 | float }} {{ yes | int }}",
    "string": "{{ 12 | string }} {{ none | string }} {{ true | string }} {{ words | string }}",
    "list": "{{ 'abc' | list }} {{ record | list }} {{ range(3) | list }}",
    "items": "{% for k, v in record | items %}{{ k }}={{ v }};{% endfor %}[{{ missing | items | list }}]",
    "dictsort": "{{ record | dictsort }} {{ {'b': 1, 'a': 2} | dictsort(by='value') }} {{ {'b': 1, 'a': 2} | dictsort(reverse=true) }}",
    "selectattr": "{{ people | selectattr('age', 'equalto', 40) | map(attribute='name') | list }} {{ people | selectattr('tags') | list | length }} {{ people | rejectattr('tags', 'defined') | map(attribute='name') | list }} {{ people | selectattr('age', '>', 10) | list | length }} {{ people | selectattr('name', 'in', ['Ann']) | list | length }} {{ people | selectattr('home.city', 'equalto', 'Oslo') | list | length }}",
    "select": "{{ numbers | select('odd') | list }} {{ numbers | reject('odd') | list }} {{ mixed | select('string') | list }} {{ mixed | select | list | length }}",
    "map": "{{ words | map('upper') | list }} {{ people | map(attribute='home.city') | join(' ') }} {{ people | map(attribute='tags', default='-') | list }} {{ words | map('replace', 'a', 'z') | list }}",
    "indent": "{{ 'a\nb\n\nc' | indent }}|{{ 'a\nb' | indent(2, true) }}|{{ 'a\n\nb' | indent(2, blank=true) }}|{{ 'a\nb' | indent('> ') }}",
    "replace filter": "{{ 'aaa' | replace('a', 'b') }} {{ 'aaa' | replace('a', 'b', 2) }} {{ 12 | replace('1', 'x') }}",
    "escape": "{{ html | e }} {{ html | escape }} {{ html | safe }}",
    "wordcount": "{{ 'one two' | wordcount }}",
    "filter block": "{% filter upper %}a {{ name }}{% endfilter %}",
    "filters bind before operators": "{{ 'a' ~ 'b' | upper }} {{ ('a' ~ 'b') | upper }} {{ -1 | abs }}",
    # JSON
    "tojson": "{{ mixed | tojson }} {{ record | tojson }} {{ html | tojson }} {{ 'é中🙂\u2028\x7f\x01' | tojson }}",
    "tojson indent": "{{ record | tojson(indent=2) }}{{ [] | tojson(indent=4) }}{{ {'a': []} | tojson(indent=4) }}",
    "tojson options": "{{ {'b': 'é', 'a': 1} | tojson(sort_keys=true) }} {{ 'é🙂' | tojson(ensure_ascii=true) }} {{ {'a': [1, 2]} | tojson(separators=(',', ':')) }} {{ 'é' | tojson(true) }}",
    "tojson numbers": "{{ [1, 1.0, third, big, small, -0.0, 123456789012345680.0, true] | tojson }} {{ (1, 2) | tojson }}",
    # Tests
    "tests": "{{ missing is defined }} {{ missing is undefined }} {{ nothing is none }} {{ nothing is defined }} {{ 'a' is string }} {{ 1 is number }} {{ true is number }} {{ 1.0 is float }} {{ 1 is integer }} {{ true is integer }} {{ true is boolean }} {{ record is mapping }} {{ words is mapping }} {{ words is iterable }} {{ 'a' is iterable }} {{ 1 is iterable }} {{ words is sequence }} {{ record is sequence }} {{ 1 is sequence }} {{ yes is true }} {{ zero is false }}",
    "tests with arguments": "{{ 6 is divisibleby(3) }} {{ 6 is divisibleby 4 }} {{ 3 is odd }} {{ 3 is even }} {{ 1 is eq(1) }} {{ 1 is equalto 2 }} {{ 3 is gt(2) }} {{ 3 is lt 2 }} {{ 1 is ne 2 }} {{ 'a' is in(words) }} {{ 'q' is in words }} {{ none is sameas none }}",
    "tests on case": "{{ 'abc' is lower }} {{ 'ABC' is upper }} {{ 'a' is upper }}",
    "is not": "{{ missing is not defined }} {{ 1 is not none }} {{ 'a' is not string }} {{ not missing is defined }}",
    "tests of callables": "{{ range is callable }} {{ text is callable }} {{ 'upper' is filter }} {{ 'nope' is filter }}",
    # Statements
    "for": "{% for w in words %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }}{{ w }} {% endfor %}",
    "for else": "{% for w in [] %}x{% else %}none{% endfor %}{% for w in words if w == 'z' %}x{% else %}none{% endfor %}",
    "for with a condition": "{% for n in numbers if n > 1 %}{{ loop.index }}/{{ loop.length }}:{{ n }} {% endfor %}",
    "for over pairs": "{% for k, v in record.items() %}{{ k }}={{ v }};{% endfor %}{% for k in record %}{{ k }}{% endfor %}{% for a, b in [[1, 2], (3, 4)] %}{{ a + b }}{% endfor %}",
    "for over a string": "{% for c in emoji %}[{{ c }}]{% endfor %}",
    "for over undefined": "[{% for x in missing %}{{ x }}{% endfor %}]",
    "previtem, nextitem": "{% for w in words %}{{ loop.previtem if loop.previtem is defined }}<{{ w }}>{{ loop.nextitem if not loop.last }}{% endfor %}",
    "loop.cycle": "{% for w in words %}{{ loop.cycle('odd', 'even') }}{% endfor %}",
    "loop.changed": "{% for n in [1, 1, 2] %}{{ loop.changed(n) }}{% endfor %}",
    "nested loops": "{% for a in [1, 2] %}{% set outer = loop %}{% for b in [1, 2] %}{{ outer.index }}{{ loop.index }} {% endfor %}{% endfor %}",
    "break keeps the text": "{% for n in numbers %}<{{ n }}{% if n == 2 %}!{% break %}{% endif %}>{% endfor %}",
    "continue keeps the text": "{% for n in numbers %}<{{ n }}{% if n == 1 %}~{% continue %}{% endif %}>{% endfor %}",
    "break in a nested loop": "{% for a in [1, 2] %}[{% for b in [1, 2, 3] %}{{ b }}{% if b == 2 %}{% break %}{% endif %},{% endfor %}]{% endfor %}",
    "break in the first round": "{% for n in [1, 2] %}a{% break %}{% else %}none{% endfor %}",
    "continue in every round": "{% for n in [1, 2] %}a{% continue %}{% else %}none{% endfor %}",
    "scope of a loop": "{% set x = 0 %}{% for n in numbers %}{{ x }}{% set x = n %}{{ x }} {% endfor %}{{ x }}",
    "scope of if": "{% if yes %}{% set x = 5 %}{% endif %}{{ x }}",
    "loop variables end": "{% for w in words %}{% endfor %}[{{ w }}][{{ loop }}]",
    "namespace": "{% set ns = namespace(n=0, found=false) %}{% for x in numbers %}{% set ns.n = ns.n + x %}{% if x == 2 %}{% set ns.found = true %}{% endif %}{% endfor %}{{ ns.n }} {{ ns.found }} [{{ ns.other }}]",
    "namespace from a record": "{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns['b'] }}",
    "set block": "{% set x %}\n  a {{ name }}\n{% endset %}[{{ x }}]",
    "set block with a filter": "{% set x | upper | trim %} abc {% endset %}[{{ x }}]",
    "set several": "{% set a, b = 1, 'x' %}{{ a }}{{ b }}{% set c = 1, 2 %}{{ c }}",
    "if, elif, else": "{% for n in [1, 2, 3] %}{% if n == 1 %}a{% elif n == 2 %}b{% else %}c{% endif %}{% endfor %}",
    "truth": "{% for v in [0, 0.0, '', [], {}, none, false, missing, 'a', [0], {'a': 0}] %}{{ 'y' if v else 'n' }}{% endfor %}",
    "macro": "{% macro m(a, b='B') %}<{{ a }}{{ b }}>{% endmacro %}{{ m('A') }}{{ m('A', 'C') }}{{ m(b='x', a='y') }}{{ m() }}",
    "macro sees only globals": "{% set g = 'G' %}{% macro m() %}{{ g }}{{ l }}{% endmacro %}{% for l in [1] %}{{ m() }}{% endfor %}",
    "recursive macro": "{% macro show(x) %}{% if x is mapping %}{ {%- for k, v in x.items() %}{{ k }}:{{ show(v) }};{% endfor %} }{% else %}{{ x }}{% endif %}{% endmacro %}{{ show({'a': {'b': 1}, 'c': 'd'}) }}",
    "varargs, kwargs": "{% macro m(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, z=4) }}",
    "call block": "{% macro box(t) %}[{{ t }}:{{ caller() }}]{% endmacro %}{% call box('x') %}in{% endcall %}",
    "range": "{% for i in range(3) %}{{ i }}{% endfor %}{% for i in range(5, 0, -2) %}{{ i }}{% endfor %}",
    "do not print none": "[{{ none }}][{{ record.get('z') }}]",
    "strftime_now": "{{ strftime_now('%d %b %Y') | length }}{{ strftime_now('%Y-%m-%d') | length }}",
    "list methods": "{{ words.index('c') }} {{ words.count('a') }} {{ numbers[1:3].copy() }}",
    "trailing commas": "{{ [1, 2,] }} {{ {'a': 1,} }}",
    "keyword spread": "{{ dict(**{'a': 1}) }}",
    "integer keys": "{{ {1: 'a', 'b': 2} }} {{ {1: 'a'}[1] }}",
    # Refused by Jinja2 too
    "raise_exception": "{{ raise_exception('no such role') }}",
    "add text and number": "{{ 'a' + 1 }}",
    "call none": "{{ nothing() }}",
    "attribute of undefined": "{{ missing.a }}",
    "undefined filter": "{{ 'a' | nope }}",
    "append is not allowed": "{% set x = [1] %}{{ x.append(2) }}",
    "private attributes": "{{ ''.__class__ }}",
    "arithmetic on none": "{{ nothing + 1 }}",
    "unclosed": "{% if yes %}",
    "unknown tag": "{% frobnicate %}",
    "too large a range": "{{ range(1000000) | list | length }}",
}

TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather at a place, é <now>",
        "parameters": {
            "type": "object",
            "properties": {
                "place": {"type": "string", "description": "a town"},
                "days": {"type": "integer", "enum": [1, 2]},
                "exact": {"type": ["boolean", "null"], "default": None},
            },
            "required": ["place"],
        },
    },
}
CALL = {"type": "function", "id": "abcd12345", "function": {"name": "get_weather", "arguments": {"place": "Oslo", "days": 2, "exact": True}}}
SYSTEM = {"role": "system", "content": "Be brief.\n"}
ASK = {"role": "user", "content": " What is 2 + 2? "}
ANSWER = {"role": "assistant", "content": "<think>\nTwo and two.\n</think>\n\n4"}
AGAIN = {"role": "user", "content": "And 3 + 3?"}
CONVERSATIONS = {
    "one question": {"messages": [ASK]},
    "system": {"messages": [SYSTEM, ASK]},
    "several turns": {"messages": [SYSTEM, ASK, ANSWER, AGAIN]},
    "without a prompt": {"messages": [ASK, ANSWER], "add_generation_prompt": False},
    "tools": {"messages": [SYSTEM, ASK], "tools": [TOOL]},
    "tool call": {
        "messages": [
            ASK,
            {"role": "assistant", "content": "", "tool_calls": [CALL]},
            {"role": "tool", "name": "get_weather", "tool_call_id": "abcd12345", "content": '{"sky": "clear"}'},
        ],
        "tools": [TOOL],
    },
    "reasoning": {"messages": [ASK, {"role": "assistant", "content": "4", "reasoning_content": "Two and two."}, AGAIN]},
    "no thinking": {"messages": [ASK], "enable_thinking": False},
    "parts": {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]},
    "no messages": {"messages": []},
}
TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}


def conversation(given):
    return {"add_generation_prompt": True, "tools": None, "documents": None, **TOKENS, **given}


def rendered(template, variables):
    try:
        return {"expected": _compile_jinja_template(template).render(**variables)}
    except Exception as error:
        return {"refused": f"{type(error).__name__}: {error}"[:200]}


def families(folder):
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".jinja":
            yield path.stem, path.read_text()
        if path.name == "tokenizer_config.json":
            found = json.loads(path.read_text()).get("chat_template")
            named = found if isinstance(found, list) else [{"name": "default", "template": found}] if found else []
            for each in named:
                yield f"{path.parent.name} {each['name']}", each["template"]


def main():
    folder, out = (Path(sys.argv[1]), Path(sys.argv[2])) if len(sys.argv) > 1 else (HERE / "chat_templates", OUT)
    own = len(sys.argv) == 1
    fixture = {
        "versions": {"python": platform.python_version(), "jinja2": jinja2.__version__, "transformers": transformers.__version__},
        "variables": VARIABLES,
        "constructs": [{"name": name, "template": text, **rendered(text, VARIABLES)} for name, text in CONSTRUCTS.items()] if own else [],
        "conversations": {name: conversation(given) for name, given in CONVERSATIONS.items()},
        "families": [
            {
                "name": name,
                "template": text,
                "cases": {
                    case: rendered(text, conversation(given)) for case, given in CONVERSATIONS.items()
                },
            }
            for name, text in families(folder)
        ],
    }
    out.write_text(json.dumps(fixture, ensure_ascii=False, indent=1) + "\n")
    print(f"{out}: {len(fixture['constructs'])} constructs, {len(fixture['families'])} families")


if __name__ == "__main__":
    main()
