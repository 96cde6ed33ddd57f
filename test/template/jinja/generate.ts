import { fc } from '../../property.ts'

// expressions by what they yield, so that most of them succeed, and on both sides or neither

type Made = { number: string; text: string; truth: string; numbers: string; texts: string }

const { number, text, truth, numbers, texts } = fc.letrec<Made>((tie) => {
  const [num, txt, yes, nums, strs] = [tie('number'), tie('text'), tie('truth'), tie('numbers'), tie('texts')]
  const join = (parts: readonly fc.Arbitrary<string>[], write: (...made: string[]) => string) =>
    fc.tuple(...parts).map((made) => write(...made))
  const pick = fc.constantFrom
  const deep = { maxDepth: 2 } as const
  return {
    number: fc.oneof(
      deep,
      pick('n', 'neg', 'zero', '1', '2', '-3', '10', '(n + 1)', 'users[0].age', 'map.a', "map['b']"),
      join([num, pick('+', '-', '*'), num], (a, by, b) => `(${a} ${by} ${b})`),
      join([num, pick('//', '%'), pick('2', '3', '-5')], (a, by, b) => `(${a} ${by} ${b})`),
      join([nums, pick('sum', 'length')], (list, by) => `(${list} | ${by})`),
      join([strs], (list) => `(${list} | length)`),
      join([txt], (it) => `(${it} | length)`),
      join([txt, txt], (it, part) => `(${it}).find(${part})`),
      join([num], (it) => `(${it} | abs)`),
      join([num], (it) => `(-${it})`),
      join([num, num, yes], (a, b, on) => `(${a} if ${on} else ${b})`),
      join([nums, pick('min', 'max', 'first', 'last')], (list, by) => `(([7] + ${list}) | ${by})`),
    ),
    text: fc.oneof(
      deep,
      pick('topic', 'blank', 'text', 'emoji', 'html', "'a'", "'b c'", "'X-y_z'", "'ä ß'", 'users[1].name'),
      join(
        [txt, pick('upper', 'lower', 'title', 'capitalize', 'trim', 'reverse', 'striptags', 'escape', 'urlencode')],
        (it, by) => `(${it} | ${by})`,
      ),
      join(
        [txt, pick('upper', 'lower', 'strip', 'title', 'capitalize', 'swapcase', 'lstrip', 'rstrip')],
        (it, by) => `(${it}).${by}()`,
      ),
      join([txt, txt], (a, b) => `(${a} ~ ${b})`),
      join([txt, num], (a, b) => `(${a} ~ ${b})`),
      join([txt, pick('[1:]', '[:3]', '[-2:]', '[::2]', '[::-1]', '[1:-1]')], (it, cut) => `(${it})${cut}`),
      join(
        [txt, pick("'a'", "' '", "'e'"), pick("'-'", "''", "'aa'")],
        (it, old, by) => `(${it} | replace(${old}, ${by}))`,
      ),
      join(
        [txt, pick('3', '8', '20'), pick('true', 'false'), pick("'…'", "''")],
        (it, length, cut, end) => `(${it} | truncate(${length}, ${cut}, ${end}, 0))`,
      ),
      join([txt, pick('1', '5', '8')], (it, width) => `(${it} | wordwrap(${width}))`),
      join([txt, pick('2', '3, true', '1, false, true')], (it, how) => `(${it} | indent(${how}))`),
      join([txt, pick('7', '12', '1')], (it, width) => `(${it} | center(${width}))`),
      join([txt, pick('7', '12', '1')], (it, width) => `(${it}).center(${width}, '*')`),
      join([strs, pick("','", "''", "' - '")], (list, by) => `(${list} | join(${by}))`),
      join([nums, pick("','", "''")], (list, by) => `(${list} | join(${by}))`),
      join([txt, txt, yes], (a, b, on) => `(${a} if ${on} else ${b})`),
      join([txt, txt], (a, b) => `(${a} or ${b})`),
      join([num], (it) => `('%03d|' | format(${it}))`),
      join([num, txt], (a, b) => `'{}/{}'.format(${a}, ${b})`),
    ),
    truth: fc.oneof(
      deep,
      pick('yes', 'no', 'n > 2', "'a' in xs", 'n is odd', 'topic is defined', 'nosuch is defined', 'none is none'),
      join([num, pick('==', '!=', '<', '<=', '>', '>='), num], (a, by, b) => `(${a} ${by} ${b})`),
      join([txt, pick('==', '!=', '<', 'in', 'not in'), txt], (a, by, b) => `(${a} ${by} ${b})`),
      join([txt, pick('in', 'not in'), strs], (a, by, b) => `(${a} ${by} ${b})`),
      join([yes, pick('and', 'or'), yes], (a, by, b) => `(${a} ${by} ${b})`),
      join([yes], (it) => `(not ${it})`),
      join(
        [num, pick('is even', 'is odd', 'is divisibleby 3', 'is not number', 'is gt 2')],
        (it, check) => `(${it} ${check})`,
      ),
      join([num, num, num], (a, b, c) => `(${a} < ${b} <= ${c})`),
      join([txt, pick("'a'", "'D'", "''")], (it, part) => `(${it}).startswith(${part})`),
    ),
    numbers: fc.oneof(
      deep,
      pick('nums', 'empty', '[1, 2, 2, 5]', 'range(4) | list', "(users | map(attribute='age') | list)"),
      join(
        [
          nums,
          pick(
            'sort',
            'sort(reverse=true)',
            'unique',
            'reverse',
            "select('odd')",
            "reject('gt', 2)",
            "map('abs')",
            'list',
          ),
        ],
        (list, by) => `(${list} | ${by} | list)`,
      ),
      join([nums, nums], (a, b) => `(${a} + ${b})`),
      join([nums, pick('[1:]', '[:2]', '[::-1]', '[-1:]')], (list, cut) => `(${list})${cut}`),
      join([num, num], (a, b) => `[${a}, ${b}]`),
    ),
    texts: fc.oneof(
      deep,
      pick(
        'xs',
        "['b', 'A', 'a']",
        "(users | map(attribute='name') | list)",
        'text.split()',
        'map | list',
        "users | selectattr('ok') | map(attribute='name') | list",
      ),
      join(
        [
          strs,
          pick(
            'sort',
            'unique',
            'reverse',
            "map('upper')",
            "map('length') | map('string')",
            "reject('in', ['a'])",
            'list',
          ),
        ],
        (list, by) => `(${list} | ${by} | list)`,
      ),
      join([txt, pick("' '", "'a'", '')], (it, by) => `(${it}).split(${by})`),
      join([txt], (it) => `(${it}).splitlines()`),
      join([txt, txt], (a, b) => `[${a}, ${b}]`),
      join([strs, strs], (a, b) => `(${a} + ${b})`),
    ),
  }
})

const space = fc.constantFrom('', ' ', '\n', '  \n', '\n\n  ', 'x', ' y ', '\t')
const sign = fc.constantFrom('', '', '', '-', '+')
const closing = fc.constantFrom('', '', '', '-')
const shown = fc.oneof(
  number,
  text,
  truth,
  numbers.map((list) => `${list} | list`),
  texts.map((list) => `${list} | list`),
)

/** Templates that Jinja2 and antiphon should read alike. */
export const sensible: fc.Arbitrary<string> = fc.letrec<{ nodes: string; node: string }>((tie) => ({
  nodes: fc.array(fc.tuple(space, tie('node')), { minLength: 1, maxLength: 2 }).map((nodes) => nodes.flat().join('')),
  node: fc.oneof(
    { maxDepth: 2 },
    fc.tuple(shown, closing, closing).map(([value, left, right]) => `{{${left} ${value} ${right}}}`),
    fc
      .tuple(truth, tie('nodes'), tie('nodes'), sign, closing)
      .map(
        ([on, yes, no, left, right]) => `{%${left} if ${on} ${right}%}${yes}{% else %}${no}{%${left} endif ${right}%}`,
      ),
    fc
      .tuple(fc.oneof(numbers, texts), tie('nodes'), sign, closing)
      .map(
        ([list, body, left, right]) =>
          `{%${left} for it in ${list} ${right}%}{{ loop.index }}${body}{{ it }}{% endfor %}`,
      ),
    fc.tuple(shown, closing).map(([value, right]) => `{% set v = ${value} ${right}%}\n{{ v }}`),
    fc.constant('{# a comment #}'),
  ),
})).nodes
