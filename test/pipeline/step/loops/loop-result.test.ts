import { describe, expect, test } from 'vitest'
import { compileText } from '../../../../src/pipeline/language/compile.ts'
import { LOOP_RESULTS } from '../../../../src/pipeline/language/parse/loops/binding-names.ts'
import type { LoopWork } from '../../../../src/pipeline/plan/compiled.ts'
import { loopResult } from '../../../../src/pipeline/step/loops/loop-result.ts'
import type { LoopShape } from '../../../../src/step/record/outcome.ts'
import { builtinTools } from '../../../../src/tool/builtin/tools.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'

const toolbox = createToolbox(builtinTools)
const LOOPS: { readonly [kind in LoopShape]: string } = {
  for_each: 'for_each: [1], steps: [{ id: a, action: echo a }]',
  foreach: 'foreach: [1], action: echo a',
  while: 'while: "true", steps: [{ id: a, action: echo a }]',
  action_loop: 'until: "true", action_loop: [{ name: a, action: echo a }]',
  queue: 'create_parallel_queue: { on: [1], action_loop: [{ name: a, action: echo a }] }',
}
const KINDS = Object.keys(LOOPS) as LoopShape[]

/** What the compiler says of a template that reads the loop `l`. */
function findingsOf(kind: LoopShape, template: string) {
  const steps = `  - { id: l, ${LOOPS[kind]} }\n  - { id: p, action: 'echo {{ ${template} }}' }`
  const { findings } = compileText(`name: x\nsteps:\n${steps}`, { file: 'p.yaml', toolbox })
  return findings.filter(({ severity }) => severity !== 'info')
}

describe.each(KINDS)('the document of a loop: %s', (kind) => {
  test('is known to the compiler, all of it and no more', () => {
    const loop = { shape: kind, body: ['l.a'] } as unknown as LoopWork
    const told = Object.keys(loopResult({ loop, id: 'l', rows: [], list: [], end: 'list', most: 1, ms: 0 }) as object)
    expect(told.toSorted()).toEqual([...LOOP_RESULTS[kind]].toSorted())
  })

  test.each(['l', 'l.status', 'l.error', 'l.result.success', 'l | length', 'l[0].nobody_knows'])(
    'can be read: {{ %s }}',
    (template) => expect(findingsOf(kind, template)).toEqual([]),
  )

  test('a field that it never has gets a warning, also before a default', () => {
    expect(findingsOf(kind, 'l.non | default(1)')).toMatchObject([{ code: 'undeclared_output_field' }])
  })

  test.each(LOOP_RESULTS[kind])('can be read: {{ l.%s }}', (field) => {
    expect(findingsOf(kind, `l.${field}`)).toEqual([])
  })

  test.each(['l.sucess', 'l.result.sucess', 'steps.l.sucess'])('is asked for by its name: {{ %s }}', (template) => {
    const [finding, ...more] = findingsOf(kind, template)
    expect(more).toEqual([])
    expect(finding).toMatchObject({
      ...{ code: 'undefined_step_field', severity: 'error', step: 'p', line: 4 },
      ...{ message: 'step `l` has no field `sucess`', hint: 'Did you mean `success`?' },
    })
  })
})

test.each<[kind: LoopShape, hint: RegExp]>([
  ['for_each', /It is a step of the body: read it from l\.results\.$/],
  ['while', / from l\.results\.$/],
  ['action_loop', / from l\.final_results\.$/],
  ['queue', / from l\.results\.$/],
])('a step of the body of a %s is not a field of it, and the compiler says where that is', (kind, hint) => {
  expect(findingsOf(kind, 'l.a.result')).toMatchObject([
    { code: 'undefined_step_field', hint: expect.stringMatching(hint) },
  ])
})

test('the result of a fallback may have other fields than the loop', () => {
  const steps = `  - { id: l, ${LOOPS.for_each}, on_error: { fallback_value: { rows: [] } } }\n`
  const reads = '  - { id: p, action: "echo {{ l.rows }}" }'
  const { findings } = compileText(`name: x\nsteps:\n${steps}${reads}`, { file: 'p.yaml', toolbox })
  expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([])
})
