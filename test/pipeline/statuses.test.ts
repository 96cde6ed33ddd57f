import { expect, test } from 'vitest'
import { compileText } from '../../src/pipeline/language/compile.ts'
import { builtinTools } from '../../src/tool/builtin/tools.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'

const toolbox = createToolbox(builtinTools)

/** What the compiler says of a step that is done only if something is so of the step `a`, or of the loop `l`. */
function findingsOf(condition: string) {
  const steps = [
    '{ id: a, action: echo a }',
    '{ id: l, for_each: [1], steps: [{ id: inner, action: echo a }] }',
    `{ id: b, action: echo b, condition: ${JSON.stringify(condition)} }`,
  ]
  const { findings } = compileText(`name: x\nsteps:\n${steps.map((step) => `  - ${step}\n`).join('')}`, {
    ...{ file: 'p.yaml', toolbox },
  })
  return findings.filter(({ severity }) => severity !== 'info')
}

test.each([
  ["a.status == 'success'", 'success', 'Did you mean `completed`?'],
  ["{{ a.status != 'error' }}", 'error', 'Did you mean `failed`?'],
  ["{{ a.status }} == 'complete'", 'complete', 'Did you mean `completed`?'],
  ["l.status in ['ok', 'done']", 'ok', 'Did you mean `completed`?'],
  ["steps.a['status'] == 'running'", 'running', 'Statuses: completed, failed, skipped.'],
])('a status that no step ever has is warned of: %s', (condition, status, hint) => {
  const message = `step \`${condition.startsWith('l') ? 'l' : 'a'}\` never has the status \`${status}\``
  const place = { step: 'b', line: 5, column: expect.any(Number) }
  expect(findingsOf(condition)).toMatchObject([
    { code: 'unknown_status', severity: 'warning', message, hint, ...place },
  ])
})

const INPUTS = `inputs:
  mode: { type: string, choices: [fast, slow], default: fast }
  tags: { type: array, choices: [x, y], default: [x] }
  flag: true
  n: 3
  free: text`

function warningsOf(condition: string) {
  const steps = `steps: [{ id: mine, action: echo a, condition: ${JSON.stringify(condition)} }]`
  const { findings } = compileText(`name: x\n${INPUTS}\n${steps}`, { file: 'p.yaml', toolbox })
  return findings.map(({ code, severity, message, hint }) => `${severity} ${code}: ${message}; ${hint}`)
}

test.each([
  ["mode == 'fsat'", 'input `mode` is never `fsat`; Did you mean `fast`?'],
  ["{{ inputs.mode in ['Fast', 'deep'] }}", 'input `mode` is never `Fast`; Did you mean `fast`?'],
  ["{{ flag }} == 'true'", 'input `flag` is never the text `true`; it is true or false; Write `flag`, or `not flag`.'],
  ["{{ parameters.n != '3' }}", 'input `n` is never the text `3`; it is a number; Remove the quotes.'],
])('a value that an input never has is warned of: %s', (condition, said) => {
  expect(warningsOf(condition)).toEqual([`warning never_met: ${said}`])
})

test.each([
  "mode in ['fast', 'deep']",
  "mode != ''",
  "mode | upper == 'FAST'",
  "tags == 'z'",
  "tags[0] == 'z'",
  "free == 'any'",
  'flag == true and n == 3',
])('a value that it may have is not: %s', (condition) => {
  expect(warningsOf(condition)).toEqual([])
})

test('the condition of a loop is asked once, which is said where it reads an item', () => {
  const text = 'name: x\nsteps: [{ id: l, for_each: [1, 2], condition: item > 1, action: echo a }]'
  const { findings } = compileText(text, { file: 'p.yaml', toolbox })
  expect(findings).toMatchObject([{ code: 'loop_variable_outside_loop', hint: expect.stringContaining('foreach') }])
})

test.each([
  "a.status == 'completed'",
  "a.status in ['success', 'completed']",
  "a.status != 'skipped'",
  "a.result.status == 'success'",
  "a.status | upper == 'COMPLETED'",
  "a.text == 'success'",
])('a condition that may hold is not reported: %s', (condition) => {
  expect(findingsOf(condition).map(({ code }) => code)).not.toContain('unknown_status')
})
