import { expect, test } from 'vitest'
import { compileText } from '../../src/pipeline/compile.ts'
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
  ["a.status == 'success'", 'success', 'did you mean `completed`?'],
  ["{{ a.status != 'error' }}", 'error', 'did you mean `failed`?'],
  ["{{ a.status }} == 'complete'", 'complete', 'did you mean `completed`?'],
  ["l.status in ['ok', 'done']", 'ok', 'did you mean `completed`?'],
  ["steps.a['status'] == 'running'", 'running', 'statuses: completed, failed, skipped'],
])('a status that no step ever has is warned of: %s', (condition, status, hint) => {
  const message = `step \`${condition.startsWith('l') ? 'l' : 'a'}\` never has the status \`${status}\``
  const place = { step: 'b', line: 5, column: expect.any(Number) }
  expect(findingsOf(condition)).toMatchObject([
    { code: 'unknown_status', severity: 'warning', message, hint, ...place },
  ])
})

test.each([
  "a.status == 'completed'",
  "a.status in ['success', 'completed']",
  "a.status != 'skipped'",
  "a.result.status == 'success'",
  "a.status | upper == 'COMPLETED'",
  "a.text == 'success'",
])('what may be so is not: %s', (condition) => {
  expect(findingsOf(condition).map(({ code }) => code)).not.toContain('unknown_status')
})
