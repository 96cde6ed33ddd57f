import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Json } from '../../../../src/kernel/schema.ts'
import { compileText } from '../../../../src/pipeline/language/compile.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'
import { openWorkshop, tool } from '../../workshop.ts'

const toolbox = createToolbox([tool('say', (input) => input)])
const compile = (text: string, key = 'parameters') => {
  const step = JSON.stringify({ id: 'a', tool: 'say', [key]: key === 'condition' ? text : { text } })
  const { findings } = compileText(`name: x\ninputs: { topic: tides, n: 3 }\nsteps:\n  - ${step}\n`, {
    file: 'p.yaml',
    toolbox,
  })
  return findings.map(({ code, severity, message, hint = '' }) => `${severity} ${code}: ${message}; ${hint}`)
}

describe('the findings of the compiler about a template', () => {
  test.each([
    [
      'A26',
      '{{ execution.strated_at }}',
      'error undefined_variable: `execution` has no `strated_at`; Did you mean `started_at`?',
    ],
    ['A27', '{{ now }}', 'error global_not_called: `now` is a function; Call it: `now()`.'],
    ['A27', '{{ now() }}', 'warning deprecated_now: `now()` is deprecated; Write `execution.timestamp`.'],
    ['arity', '{{ now(1) }}', 'error global_wrong_arity: `now()` expects no arguments, got 1; it is now()'],
    [
      'arity',
      '{{ include_file() }}',
      'error global_wrong_arity: `include_file()` expects 1 to 2 arguments, got 0; it is include_file(path, base_dir?)',
    ],
    [
      'not called',
      '{{ file_exists }}',
      'error global_not_called: `file_exists` is a function; Call it: `file_exists()`.',
    ],
    ['not called', '{{ range }}', 'error global_not_called: `range` is a function; Call it: `range()`.'],
    [
      'a function of elsewhere',
      '{{ isset(n) }}',
      'error undefined_variable: there is no function `isset`; write name is defined',
    ],
    [
      'a filter',
      '{{ upper(topic) }}',
      'error undefined_variable: there is no function `upper`; It is a filter: write `value | upper`.',
    ],
    ['no function', '{{ ranje(3) }}', 'error undefined_variable: there is no function `ranje`; Did you mean `range`?'],
    [
      'environment',
      '{{ env.HOME }}',
      'error undefined_variable: templates cannot read environment variables; Declare an input, and pass it with `-i name="$NAME"`.',
    ],
    [
      'pattern that is written out',
      String.raw`{{ topic | regex_replace('(a)\\1', 'x') }}`,
      String.raw`error template_syntax: pattern '(a)\1': back-references are not supported (at 4); only a replacement names groups: '\1', '\g<name>'`,
    ],
    [
      'pattern, named',
      "{{ topic | regex_search(pattern='(?P<a>b)(?P=a)') }}",
      String.raw`error template_syntax: pattern '(?P<a>b)(?P=a)': back-references are not supported (at 9); only a replacement names groups: '\1', '\g<name>'`,
    ],
    ['filter', '{{ topic | slugfy }}', 'error unknown_filter: unknown filter `slugfy`; Did you mean `slugify`?'],
  ])('%s %s', (_name, text, said) => {
    expect(compile(text)).toEqual([said])
    expect(compile(text, 'condition')).toEqual([said])
  })
})

test('A13: a word that stands for nothing is an input or, in a condition, a text without quotes', () => {
  const said =
    'error undefined_variable: there is no step, input or variable `high`; Declare it under `inputs:`, or pass it with `-i high=…`.'
  expect(compile("{{ 'high' == high }}")).toEqual([said])
  expect(compile('n == high', 'condition')).toEqual([`${said} Put a text in quotes: \`'high'\`.`])
  expect(compile('high.low > 1', 'condition')).toEqual([said])
})

test('an id with a slip behind its hyphen is not a subtraction', () => {
  const steps = '[{ id: fetch-data, tool: say }, { id: b, tool: say, parameters: { text: "{{ fetch-dat.result }}" } }]'
  const { findings } = compileText(`name: x\nsteps: ${steps}`, { file: 'p.yaml', toolbox })
  expect(findings[0]).toMatchObject({ code: 'undefined_variable', hint: 'Did you mean `fetch-data`?' })
})

test('a name that is a number gets a hint to quote it', () => {
  const { findings } = compileText('name: 2024\nsteps: [{ id: a, tool: say }]', { file: 'p.yaml', toolbox })
  expect(findings).toMatchObject([{ code: 'missing_name', line: 1, hint: 'Put it in quotes: "2024"' }])
})

test('a condition of turns that reads prev_c gets a hint to read c', () => {
  const loop = '{ id: w, while: "{{ prev_c.n < 3 }}", steps: [{ id: c, tool: say, parameters: { n: 1 } }] }'
  const { findings } = compileText(`name: x\nsteps: [${loop}]`, { file: 'p.yaml', toolbox })
  const hint = 'A loop condition reads the previous iteration by the id of the step: write `c`.'
  expect(findings).toMatchObject([{ code: 'undefined_variable', hint }])
})

describe('a template that fails while it is rendered', () => {
  test.each([
    [
      { parameters: { a: ['x\n {{ n | int }}'] } },
      'template_failed',
      "parameters.a[0]: int: expected a number, got text: 'x' (line 2, column 9)",
      "add a default: '| int(0)'",
    ],
    [
      { parameters: { a: '{{ range(1000000) | length }}' } },
      'template_limit',
      'parameters.a: the template has a list of more than 100000 items (line 1, column 4)',
    ],
    [
      { parameters: { a: '{{ n + 1 }}' } },
      'template_failed',
      "parameters.a: '+' does not work on text and a number (line 1, column 6)",
      "join texts with ~, or convert text with '| int' or '| float'",
    ],
    [
      { condition: '{{ n / 0 }}' },
      'template_failed',
      "condition: '/' does not work on text and a number (line 1, column 6)",
      "convert text with '| int' or '| float'",
    ],
    [
      { parameters: { a: '{{ m.x }} {{ m.y.z }}', b: '{{ m.q }}' } },
      'unresolved_template',
      "parameters.a: unresolved: 'm.x' (line 1, column 4), 'm.y.z' (line 1, column 14); parameters.b: unresolved: 'm.q' (line 1, column 4)",
    ],
  ])('fails its step with what, where and how: %j', async (step, code, message, hint = undefined) => {
    const { run, calls } = openWorkshop()
    const { steps } = await run(
      `name: x\ninputs: { n: x, m: { a: 1 } }\nsteps:\n  - ${JSON.stringify({ id: 'a', tool: 'say', ...step })}\n`,
    )
    expect(steps.a).toMatchObject({ status: 'failed', problem: { code, message, ...(hint && { hint }) } })
    expect(calls).toEqual([])
  })
})

describe('a map of all steps', () => {
  const text = (value: string) => `
name: x
steps:
  - { id: a, tool: say, parameters: { v: 1 } }
  - { id: b, tool: say, dependencies: [a], condition: "false" }
  - { id: c, tool: say, parameters: { v: 3 } }
  - { id: d, tool: say, dependencies: [b], parameters: { value: ${JSON.stringify(value)} } }
outputs: { all: "{{ results | length }}" }
`
  test.each([
    ['{{ steps | tojson }}', '{"b": "", "a": {"v": 1}}'],
    ['{% for id, step in results.items() %}{{ id }} {{ step.status }};{% endfor %}', 'b skipped;a completed;'],
    ["{{ previous_results[['a'][0]].v }}", 1],
  ])('holds, as a whole, what the step waits for: %s', async (value, expected) => {
    const { run, calls } = openWorkshop()
    expect(await run(text(value))).toMatchObject({ outputs: { all: 4 } })
    expect(calls.at(-1)!.input).toEqual({ value: expected })
  })

  test('holds in the body of a loop what the loop waits for', async () => {
    const { run, calls } = openWorkshop()
    await run(`
name: x
steps:
  - { id: a, tool: say, parameters: { v: 1 } }
  - id: each
    for_each: [1]
    dependencies: [a]
    steps:
      - { id: b, tool: say, parameters: { v: 2 } }
      - { id: c, tool: say, dependencies: [b], parameters: { value: "{{ results | tojson }}" } }
`)
    expect(calls.at(-1)!.input).toEqual({ value: '{"b": {"v": 2}, "a": {"v": 1}}' })
  })
})

describe('a file named in a template', () => {
  let root: string
  let outside: string
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'antiphon-files-'))
    root = join(folder, 'root')
    outside = join(folder, 'secret.txt')
    await mkdir(join(root, 'prompts'), { recursive: true })
    await writeFile(outside, 'hidden')
    await writeFile(join(root, 'note.txt'), 'hello {{ n }}\n')
    await writeFile(join(root, 'name.txt'), 'note.txt')
    await writeFile(join(root, 'list.json'), '["p", "q"]')
    await writeFile(join(root, 'prompts', 'one.md'), '# One')
    await symlink(outside, join(root, 'link.txt'))
    return () => rm(folder, { recursive: true, force: true })
  })

  const runStep = async (step: { readonly [key: string]: Json }) => {
    const bench = openWorkshop({ services: { root, roots: [root] } })
    onTestFinished(() => bench.engine.stop())
    const end = await bench.run(`name: x\nsteps:\n  - ${JSON.stringify({ id: 'a', tool: 'say', ...step })}\n`)
    return { end, inputs: bench.calls.map(({ input }) => input) }
  }

  test.each([
    ["{{ include_file('note.txt') }}", 'hello {{ n }}\n'],
    ["{{ 'note.txt' | include_file }}", 'hello {{ n }}\n'],
    ["{{ include_file(include_file('name.txt')) }}", 'hello {{ n }}\n'],
    ["{{ include_file('one.md', 'prompts') }}", '# One'],
    ["{{ include_file('list.json') | from_json }}", ['p', 'q']],
    ["{{ include_file('none.txt') | default('-') }}", '-'],
    ["{{ file_exists('note.txt') }} {{ file_exists('none.txt') }} {{ file_exists('prompts') }}", 'true false true'],
    ["{% if 'note.txt' | file_exists %}{{ include_file('note.txt') }}{% endif %}", 'hello {{ n }}\n'],
  ])('%s', async (text, expected) => {
    const { end, inputs } = await runStep({ parameters: { text } })
    expect(end).toMatchObject({ status: 'completed' })
    expect(inputs).toEqual([{ text: expected }])
  })

  test('a question to a model may ask for files, and is asked with what they hold', async () => {
    const asked: string[] = []
    const bench = openWorkshop({
      services: { root, roots: [root] },
      async generate({ documents = [] }) {
        asked.push(...documents.map(({ text }) => text))
        return { text: 'two', citations: [], usage: { input: 1, output: 1 }, model: 'test/model' }
      },
    })
    onTestFinished(() => bench.engine.stop())
    const text = "<AUTO>How many words are in {{ include_file('note.txt') }}?</AUTO>"
    const end = await bench.run(
      `name: x\nsteps:\n  - ${JSON.stringify({ id: 'a', tool: 'say', parameters: { text } })}`,
    )
    expect(end).toMatchObject({ status: 'completed' })
    expect(bench.calls.map(({ input }) => input)).toEqual([{ text: 'two' }])
    expect(asked).toEqual(['hello {{ n }}\n'])
  })

  test.each([
    ["{{ include_file('none.txt') }}", 'unresolved_template', /include_file\('none.txt'\)/],
    ["{{ include_file('../secret.txt') }}", 'outside_root', /secret\.txt lies outside/],
    ["{{ include_file('link.txt') }}", 'outside_root', /link\.txt lies outside/],
    ["{{ file_exists('/etc/passwd') }}", 'outside_root', /passwd lies outside/],
    ["{% for n in range(101) %}{{ file_exists(n ~ '.txt') }}{% endfor %}", 'too_large', /more than 100 files/],
  ])('%s fails the step before it acts', async (text, code, message) => {
    const { end, inputs } = await runStep({ parameters: { text } })
    expect(end.steps.a).toMatchObject({ status: 'failed', problem: { code, message: expect.stringMatching(message) } })
    expect(inputs).toEqual([])
  })

  test('decides a condition, and is not looked for where that is false', async () => {
    const skipped = {
      condition: "{{ file_exists('none.txt') }}",
      parameters: { t: "{{ include_file('/etc/passwd') }}" },
    }
    expect((await runStep(skipped)).end.steps.a).toMatchObject({ status: 'skipped' })
    expect((await runStep({ condition: "file_exists('note.txt')" })).end.steps.a).toMatchObject({ status: 'completed' })
  })

  test('is read also where an output asks for it, and for the place of a file', async () => {
    const bench = openWorkshop({ services: { root, roots: [root] } })
    onTestFinished(() => bench.engine.stop())
    const end = await bench.run(`
name: x
steps:
  - { id: a, tool: say, parameters: { text: "{{ outputs.doc }}" } }
  - { id: b, tool: say, parameters: { t: x }, location: "{{ include_file('name.txt') | replace('note', 'made') }}" }
outputs:
  doc: "{{ include_file('one.md', 'prompts') | default('none') }}"
`)
    expect(end).toMatchObject({ status: 'completed', outputs: { doc: '# One' } })
    expect(bench.calls.map(({ input }) => input)).toContainEqual({ text: '# One' })
    expect(existsSync(join(root, 'made.txt'))).toBe(true)
  })

  test('gives a loop what it goes over', async () => {
    const step = { for_each: "{{ include_file('list.json') | from_json }}", parameters: { item: '{{ item }}' } }
    expect((await runStep(step)).inputs).toEqual([{ item: 'p' }, { item: 'q' }])
  })
})
