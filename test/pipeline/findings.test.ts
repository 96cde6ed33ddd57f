import { describe, expect, test } from 'vitest'
import { compileText } from '../../src/pipeline/language/compile.ts'
import { severityOf } from '../../src/pipeline/language/diagnostics/finding.ts'
import type { FindingCode } from '../../src/run/finding.ts'
import { echoTools } from '../../src/tool/builtin/echo.ts'
import { terminalTools } from '../../src/tool/builtin/terminal/terminal.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'
import { isOddHint } from '../architecture/error-texts.ts'
import { DOCUMENT, inPipeline, LOOPS, STEPS } from './cases/findings.ts'
import { readTool } from './tools.ts'
import { tool } from './workshop.ts'

const toolbox = createToolbox([
  ...[readTool, tool('filesystem:write', () => null), tool('say', () => null)],
  ...[...terminalTools, ...echoTools],
])

describe('a finding has a code, a place and a hint', () => {
  test.each(DOCUMENT)('in a document: %s, %s', (code, says, text) => expectFinding(code, says, text.slice(1)))
  test.each(STEPS)('in a step: %s, %s', (code, says, text) => expectFinding(code, says, inPipeline(text)))
  test.each(LOOPS)('in a loop: %s, %s', (code, says, text) => expectFinding(code, says, inPipeline(text)))
})

function expectFinding(code: string, says: RegExp, marked: string): void {
  const before = marked.slice(0, marked.indexOf('¶')).split('\n')
  const { pipeline, findings } = compileText(marked.replace('¶', ''), { file: 'p.yaml', toolbox })
  const finding = findings.find((candidate) => candidate.code === code)
  expect(finding, JSON.stringify(findings)).toBeDefined()
  expect(finding).toMatchObject({
    file: 'p.yaml',
    severity: severityOf(code as FindingCode),
    line: before.length,
    column: before.at(-1)!.length + 1,
  })
  expect(`${finding!.message} ${finding!.hint ?? ''}`).toMatch(says)
  expect(findings.flatMap(({ hint = [] }) => hint).filter(isOddHint)).toEqual([])
  expect(pipeline === undefined).toBe(severityOf(code as FindingCode) === 'error')
}

test('an unknown filter hides no unknown name of its template, and a second id no fault of its step', () => {
  const text = inPipeline(`
  - { id: a, tool: say, parameters: { text: "{{ gone.text | slugfy('x') | upper }}" } }
  - { id: a, tool: say, timeout: many }`)
  const codes = compileText(text, { file: 'p.yaml', toolbox })
    .findings.map(({ code }) => code)
    .sort()
  expect(codes).toEqual(['undefined_variable', 'unknown_filter', 'duplicate_step_id', 'bad_value'].sort())
})

test.each(['__proto__', 'constructor', 'toString'])('a key may be called %s, and is unknown', (key) => {
  const text = `{ "name": "x", "${key}": 1, "steps": [{ "id": "a", "tool": "say", "${key}": 1 }] }`
  const { findings } = compileText(text, { file: 'p.yaml', toolbox })
  expect(findings.map(({ code }) => code)).toEqual(['unknown_key', 'unknown_key'])
})

test.each([
  ['on_failure: continue, continue_on_error: true'],
  ['on_failure: skip, continue_on_error: true'],
  ['on_failure: fail, on_error: fail'],
  ['retry: 2, max_retries: 3'],
])('two equal values get no warning: %s', (keys) => {
  const { findings } = compileText(inPipeline(`\n  - { id: a, tool: say, ${keys} }`), { file: 'p.yaml', toolbox })
  expect(findings).toEqual([])
})

test.each([
  ['a name alone', 'name: Fetch Data', 'fetch_data'],
  ['no usable id', 'id: fetch data', 'fetch_data'],
])('a step with %s gets only that finding, and what is wrong in it', (_, key, id) => {
  const steps = `[{ ${key}, tool: say, timeout: soon }, { id: b, tool: say, parameters: { text: "{{ ${id} }}" } }]`
  const { findings } = compileText(`name: x\nsteps: ${steps}`, { file: 'p.yaml', toolbox })
  const errors = findings.filter(({ severity }) => severity === 'error')
  expect(errors.map(({ code }) => code)).toEqual(['bad_step_id', 'bad_value'])
})

describe('a text with several faults in its templates tells all of them, each at its place', () => {
  test.each<[text: string, ...found: [code: string, column: number][]]>([
    [
      '{{ topic | nosuch }} {{ n + }} {{ tpoic }}',
      ['unknown_filter', 12],
      ['template_syntax', 29],
      ['undefined_variable', 35],
    ],
    ['{% if n > %}{{ topic | nosuch }}{% endif %}', ['template_syntax', 11], ['unknown_filter', 24]],
    ['{% for x in | %}{{ x }}{{ nosuch }}{% endfor %}', ['template_syntax', 13], ['undefined_variable', 27]],
    [
      '{% set x = + %}{{ x }}{{ n & 1 }}{{ nosuch }}',
      ['template_syntax', 14],
      ['template_syntax', 28],
      ['undefined_variable', 37],
    ],
    ["{{ topic ! }} {{ '' }} {{ n ==== 2 }}", ['template_syntax', 10], ['template_syntax', 29]],
    ['{{ nosuch }} {% if %}', ['template_syntax', 14], ['template_syntax', 20]],
  ])('%s', (text, ...found) => {
    const pipeline = inPipeline(`\n  - { id: a, tool: say, parameters: { t: ${JSON.stringify(text)} } }`)
    const { findings } = compileText(pipeline, { file: 'p.yaml', toolbox })
    const start = pipeline.split('\n').at(-1)!.indexOf('t: "') + 4
    expect(findings.map(({ code, column }) => [code, column! - start])).toEqual(found)
  })

  test('up to ten of them', () => {
    const text = '{{ n | nosuch }}'.repeat(30)
    const { findings } = compileText(
      inPipeline(`\n  - { id: a, tool: say, if: "true", parameters: { t: "${text}" } }`),
      {
        file: 'p.yaml',
        toolbox,
      },
    )
    expect(findings).toHaveLength(10)
  })
})

describe('a command is not said to need a shell', () => {
  test.each([
    ["grep 'a|b' notes.txt", {}],
    ['ls | wc -l', { shell: true }],
    ['ls | wc -l', { shell: '{{ n > 2 }}' }],
    ['{% if n > 2 %}ls{% else %}ls | wc -l{% endif %}', {}],
    ["echo {{ topic | replace('&', 'and') }}", {}],
    ['echo {{ topic | quote }} | wc -l', { shell: true }],
    ['echo {{ topic }} | wc -l', { shell: true, unsafe_shell: true }],
    ['echo "$T" | wc -l', { shell: true, env: { T: '{{ topic }}' } }],
  ])('%s, %j', (command, more) => {
    const step = { id: 'a', tool: 'terminal', parameters: { command, ...more } }
    const { findings } = compileText(inPipeline(`\n  - ${JSON.stringify(step)}`), { file: 'p.yaml', toolbox })
    expect(findings).toEqual([])
  })
})

describe('a shell is not given a template that it would execute', () => {
  test.each([
    ['{{ topic }} | wc -l', { shell: true }],
    ['echo "{{ topic }}"', { shell: true }],
    ['echo {{ topic }}', { shell: '{{ n > 2 }}' }],
    ['{% if n > 2 %}{{ topic | quote }}{% else %}{{ topic }}{% endif %}', { shell: true }],
    ['echo <AUTO>a greeting</AUTO>', { shell: true }],
  ])('%s, %j', (command, more) => {
    const step = { id: 'a', tool: 'terminal', parameters: { command, ...more } }
    const { findings, pipeline } = compileText(inPipeline(`\n  - ${JSON.stringify(step)}`), { file: 'p.yaml', toolbox })
    expect(pipeline).toBeUndefined()
    expect(findings).toEqual([
      expect.objectContaining({ code: 'shell_template', hint: expect.stringContaining('| quote }}') }),
    ])
  })

  test('and a quoted value inside quotes is warned of', () => {
    const step = { id: 'a', tool: 'terminal', parameters: { command: 'echo "{{ topic | quote }}"', shell: true } }
    const { findings } = compileText(inPipeline(`\n  - ${JSON.stringify(step)}`), { file: 'p.yaml', toolbox })
    expect(findings).toEqual([
      expect.objectContaining({ code: 'would_fail', message: expect.stringContaining('inside quotes') }),
    ])
  })
})

describe('several lines of a shell stop at the first failure', () => {
  const compiled = (parameters: object) => {
    const step = { id: 'a', tool: 'terminal', parameters }
    const { findings, pipeline } = compileText(inPipeline(`\n  - ${JSON.stringify(step)}`), { file: 'p.yaml', toolbox })
    const { work } = pipeline!.steps.a!
    return { codes: findings.map(({ code }) => code), stops: work.type === 'tool' && work.parameters.stop_on_error }
  }
  const lines = 'false\necho a'

  test.each([
    [{ command: lines, shell: true }, ['stops_at_failure'], true],
    [{ command: lines, sandbox: true }, ['stops_at_failure'], true],
    [{ command: lines, shell: '{{ n > 2 }}' }, ['stops_at_failure'], true],
    [{ command: lines, shell: true, stop_on_error: false }, [], false],
    [{ command: '{{ topic }}', shell: true, unsafe_shell: true }, [], true],
    [{ command: 'false; echo a', shell: true }, [], undefined],
    [{ command: 'echo a' }, [], undefined],
  ])('%j', (parameters, codes, stops) => {
    expect(compiled(parameters)).toEqual({ codes, stops })
  })
})
