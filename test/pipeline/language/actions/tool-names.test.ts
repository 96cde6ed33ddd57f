import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Json } from '../../../../src/kernel/schema.ts'
import { compileText } from '../../../../src/pipeline/language/compile.ts'
import { callbackTools } from '../../../../src/pipeline/tools/callback-tools.ts'
import { builtinTools } from '../../../../src/tool/builtin/tools.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'
import { openWorkshop } from '../../workshop.ts'

const toolbox = createToolbox(builtinTools)

/** What a step with these keys calls. */
function workOf(step: Json) {
  const { pipeline, findings } = compileText(JSON.stringify({ name: 'x', steps: [{ id: 'a', ...(step as object) }] }), {
    file: 'p.yaml',
    toolbox,
  })
  return pipeline?.steps.a?.work ?? findings.find(({ severity }) => severity === 'error')
}

test.each<[step: Json, work: object]>([
  [
    { action: 'filesystem', parameters: { action: 'read', path: 'f' } },
    { tool: 'filesystem', operation: 'read' },
  ],
  [
    { action: 'file', parameters: { action: 'list' } },
    { tool: 'filesystem', operation: 'list', parameters: {} },
  ],
  [
    { tool: 'filesystem', action: 'execute', parameters: { action: 'read', path: 'f' } },
    { operation: 'read', parameters: { path: 'f' } },
  ],
  [
    { tool: 'filesystem', action: 'read the file', parameters: { action: 'read', path: 'f' } },
    { operation: 'read', parameters: { path: 'f' } },
  ],
  [{ tool: 'filesystem', action: 'exists', parameters: { path: 'f' } }, { operation: 'exists' }],
  [
    { tool: 'terminal', parameters: { command: 'ls' } },
    { tool: 'terminal', parameters: { command: 'ls' } },
  ],
  [{ tool: 'terminal', action: 'execute_command', parameters: { command: 'ls' } }, { operation: 'execute_command' }],
  [
    { tool: 'terminal', action: '!ls -la' },
    { tool: 'terminal', parameters: { command: '!ls -la' } },
  ],
  [{ action: '!ls -la' }, { tool: 'terminal', parameters: { command: '!ls -la' } }],
  [
    { action: 'debug', parameters: { message: 'm' } },
    { tool: 'debug', parameters: { message: 'm' } },
  ],
  [{ action: 'echo hello "you"' }, { tool: 'echo', parameters: { action: 'echo hello "you"' } }],
  [
    { action: 'Write the report to out/report.md', parameters: { content: 'c' } },
    { tool: 'filesystem', operation: 'write', parameters: { path: 'out/report.md', content: 'c' } },
  ],
])('%j', (step, work) => {
  expect(workOf(step)).toMatchObject({ type: 'tool', ...work })
})

test.each<[step: Json, code: string, says: RegExp]>([
  [{ action: 'filesystem', parameters: { action: 'raed', path: 'f' } }, 'unknown_operation', /`raed`.*read/],
  [{ action: 'filesystem', parameters: { path: 'f' } }, 'unknown_operation', /Choose one with `action:`: append/],
  [{ tool: 'filesystem', action: 'read', parameters: { action: 'write' } }, 'missing_parameter', /`path`/],
  [{ action: 'debug' }, 'missing_parameter', /`message`/],
  [{ action: 'write a poem about the sea' }, 'unknown_action', /no action/],
  [{ action: 'write the report to out.md' }, 'missing_parameter', /`content`/],
  [{ action: 'echoes' }, 'unknown_action', /no action/],
])('%j is refused: %s', (step, code, says) => {
  const finding = workOf(step) as { readonly code: string; readonly message: string; readonly hint?: string }
  expect(finding).toMatchObject({ code })
  expect(`${finding.message} ${finding.hint}`).toMatch(says)
})

const READ = '  - { id: r, tool: filesystem, action: read, parameters: { path: f, encoding: latin1 } }\n'

test.each([
  'r.content',
  'r.result.content',
  'r.filepath',
  'r.result.file_path',
  'r.status',
  'r.error',
  'r.encoding',
  'r.result',
  'r',
  'r.content.upper()',
])('a field that is there can be read: {{ %s }}', (text) => {
  expect(fieldFindings(text)).toEqual([])
})

test.each([
  ['r.contents', /`r` has no field `contents`.*Did you mean `content`/],
  ['r.sucess', /no field `sucess`.*Did you mean `success`/],
  ['r.result.contents', /no field `contents`/],
  ["r['contents']", /no field `contents`/],
  ['steps.r.bytes', /no field `bytes`.*Fields: action, path, content, size/],
])('one that is not is found: {{ %s }}', (text, says) => {
  const [finding, ...more] = fieldFindings(text)
  expect(more).toEqual([])
  expect(finding).toMatchObject({ code: 'undefined_step_field', severity: 'error', step: 'b', line: 4, column: 54 })
  expect(`${finding!.message} ${finding!.hint}`).toMatch(says)
})

test.each([
  ['approval-gate', '{ title: Send? }', 'aproved', 'approved'],
  ['user-prompt', '{ prompt: Who? }', 'valeu', 'value'],
  ['wait-for-signal', '{}', 'timedout', 'timed_out'],
  ['feedback-collection', '{ questions: [{ id: q }] }', 'sumary', 'summary'],
  ['pipeline-executor', '{ pipeline: { name: y, steps: [] } }', 'output', 'outputs'],
  ['mcp-memory', '{ action: retrieve, key: k }', 'vale', 'value'],
  ['mcp-memory', '{ action: list }', 'key', 'keys'],
])('a field that the answer to %s will not have is found: %s %s', (name, parameters, field, meant) => {
  const steps = `[{ id: a, tool: ${name}, parameters: ${parameters} }, { id: b, tool: debug, condition: a.${field}, parameters: { message: b } }]`
  const { findings } = compileText(`name: x\nsteps: ${steps}`, {
    file: 'p.yaml',
    toolbox: createToolbox([...builtinTools, ...callbackTools]),
  })
  expect(findings.filter(({ severity }) => severity === 'error')).toMatchObject([
    { code: 'undefined_step_field', step: 'b', hint: `Did you mean \`${meant}\`?` },
  ])
})

test.each([
  ['a fallback', 'fallback: [s], ', ''],
  ['a value of its handler', 'on_error: { fallback_value: { rows: [] } }, ', ''],
  ['a value of the handler of all', '', 'global_error_handlers: { fallback_result: { rows: [] } }\n'],
])('a field of a step that has %s may be present', (_, own, above) => {
  const steps = `${READ.replace('tool:', `${own}tool:`)}  - { id: s, action: echo hi }\n`
  const reads = '  - { id: b, tool: debug, parameters: { message: "{{ r.rows }}" } }'
  const { findings } = compileText(`name: x\n${above}steps:\n${steps}${reads}`, { file: 'p.yaml', toolbox })
  expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([])
})

function fieldFindings(text: string) {
  const step = `  - { id: b, tool: debug, parameters: { message: "{{ ${text.replaceAll('"', "'")} }}" } }`
  const { findings } = compileText(`name: x\nsteps:\n${READ}${step}`, { file: 'p.yaml', toolbox })
  return findings.filter(({ severity }) => severity !== 'info')
}

test.each([
  ['file', 'filesystem'],
  ['process', 'data-processing'],
  ['bash', 'terminal'],
])('a tool by another name, %s, is %s', (given, meant) => {
  expect(workOf({ tool: given })).toMatchObject({ code: 'unknown_tool', hint: `Did you mean \`${meant}\`?` })
})

test('a parameter that stands beside `parameters:` is told where it belongs', () => {
  const step = { id: 'a', tool: 'filesystem', action: 'read', path: 'f' }
  const { findings } = compileText(JSON.stringify({ name: 'x', steps: [step] }), { file: 'p.yaml', toolbox })
  expect(findings.find(({ code }) => code === 'unknown_key')).toMatchObject({
    message: 'unknown key `path`',
    hint: 'Put parameters of the tool or action under `parameters:`.',
  })
})

test('a requirement on the model outside `requires_model:` is told where it belongs', () => {
  const step = { id: 'a', action: 'generate', cost_limit: 1, parameters: { prompt: 'x', budget_period: 'per-day' } }
  const written = { name: 'x', cost_limit: 1, steps: [step] }
  const { findings } = compileText(JSON.stringify(written), { file: 'p.yaml', toolbox })
  const hints = findings.flatMap(({ code, path, hint }) => (code === 'unknown_key' ? [[path, hint]] : []))
  expect(Object.fromEntries(hints)).toEqual({
    cost_limit: 'Write `model: { cost_limit: … }`.',
    'steps[0].cost_limit':
      'Write `requires_model: { cost_limit: … }`, or put parameters of the tool or action under `parameters:`.',
    'steps[0].parameters.budget_period': 'Write `requires_model: { budget_period: … }` beside `parameters:`.',
  })
})

test('a parameter that a tool does not know is only warned of: it is left out', () => {
  const { pipeline, findings } = compileText(
    `name: x\nsteps:\n${READ.replace('encoding: latin1', 'encodign: latin1')}`,
    {
      file: 'p.yaml',
      toolbox,
    },
  )
  expect(findings).toEqual([
    expect.objectContaining({
      code: 'unknown_parameter',
      severity: 'warning',
      hint: 'Did you mean `encoding`?',
      line: 3,
    }),
  ])
  expect(pipeline).toBeDefined()
})

test('their results can be read as text and by field', async () => {
  const root = mkdtempSync(join(tmpdir(), 'named-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const { run } = openWorkshop({ tools: builtinTools, services: { root, roots: [root] } })
  const end = await run(`name: x
inputs: { n: 3, mode: "append" }
steps:
  - { id: e, action: "echo n is {{ n }}, 'quoted'" }
  - { id: m, action: debug, parameters: { message: "{{ [n, n + 1] }}" } }
  - { id: w, action: "save it to out/{{ n }}.txt", parameters: { content: "{{ e }}" } }
  - { id: t, tool: terminal, action: execute, parameters: { command: "cat out/3.txt", timeout: "20" }, dependencies: [w] }
outputs: { said: "{{ e }}", same: "{{ e.result }}", list: "{{ m.result }}", read: "{{ t.stdout }}", status: "{{ e.status }}" }
`)
  const said = "n is 3, 'quoted'"
  expect(end.outputs).toEqual({ said, same: said, list: [3, 4], read: said, status: 'completed' })
  expect(readFileSync(join(root, 'out/3.txt'), 'utf8')).toBe(said)
})

test.each([
  { tool: 'validation', action: 'extract_structured', parameters: {} },
  { tool: 'validation', action: 'execute', parameters: { action: 'extract_structured' } },
  { action: 'validate', parameters: { action: 'extract_structured' } },
])('a question of validation to a model gets the answers of validation: %j', async (step) => {
  const asked: unknown[] = []
  const { run } = openWorkshop({
    tools: builtinTools,
    generate: async (request) => {
      asked.push(request)
      return {
        text: '{"name":"Ada"}',
        object: { name: 'Ada' },
        citations: [],
        usage: { input: 1, output: 1 },
        model: 't/m',
      }
    },
  })
  const schema = { type: 'object', properties: { name: { type: 'string' } } }
  const parameters = { text: 'Ada came.', schema, ...step.parameters }
  const outputs = {
    valid: '{{ x.valid }}',
    name: '{{ x.data.name }}',
    errors: '{{ x.result.errors }}',
    by: '{{ x.model_used }}',
  }
  const end = await run(JSON.stringify({ name: 'x', steps: [{ id: 'x', ...step, parameters }], outputs }))
  expect(end.outputs).toEqual({ valid: true, name: 'Ada', errors: [], by: 't/m' })
  expect(asked).toEqual([expect.objectContaining({ schema, documents: [{ name: 'text', text: 'Ada came.' }] })])
})
