import { describe, expect, test } from 'vitest'
import { type Compilation, compileText } from '../../../src/pipeline/language/compile.ts'
import { PIPELINE_KEYS, STEP_KEYS } from '../../../src/pipeline/language/schema/check-keys.ts'
import type { Inputs } from '../../../src/pipeline/plan/inputs.ts'
import { changedNodes } from '../../../src/pipeline/plan/reuse-source.ts'
import type { Finding } from '../../../src/run/finding.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'
import { readTool } from '../tools.ts'
import { tool } from '../workshop.ts'

const toolbox = createToolbox([
  readTool,
  tool('filesystem:write', () => null),
  tool('terminal:execute', () => null, 'at-most-once'),
  tool('say', () => null, 'pure'),
])
const compile = (text: string): Compilation => compileText(text, { file: 'p.yaml', toolbox })
const errorsOf = (text: string): readonly Finding[] =>
  compile(text).findings.filter(({ severity }) => severity === 'error')
const steps = (text: string) => `name: x\ninputs: { topic: tides, n: 3 }\nsteps:\n${text}`

/** What says something without a value, or has to have one. */
const NEVER_EMPTY = /^(?:id|tool|if|.*condition|while|until|steps|for_?each|items|action_loop|create_parallel_queue)$/

test.each(STEP_KEYS.known.filter((key) => !NEVER_EMPTY.test(key)))(
  'a step whose `%s:` is left empty is as if it were not there',
  (key) => {
    const text = 'name: x\nsteps:\n  - id: a\n    tool: say\n'
    expect(compile(`${text}    ${key}:\n`)).toEqual(compile(text))
  },
)

test('so is one at the top', () => {
  const text = 'name: x\nsteps: [{ id: a, tool: say }]\n'
  const keys = PIPELINE_KEYS.known.filter((key) => !/^(?:name|steps|tasks)$/.test(key))
  expect(compile(`${text}${keys.map((key) => `${key}:\n`).join('')}`)).toEqual(compile(text))
})

describe('the compiler', () => {
  test('collects all findings, it does not stop at the first', () => {
    const codes = errorsOf(
      steps('  - { id: a, tool: nope, dependencies: [zzz], condition: "{{ what }}" }\n  - { id: b, action: generat }'),
    ).map(({ code }) => code)
    expect(codes.toSorted()).toEqual(['dependency_unknown', 'undefined_variable', 'unknown_action', 'unknown_tool'])
  })

  test('says which step and which parameter', () => {
    const [finding] = errorsOf(steps('  - id: a\n    tool: say\n    parameters: { list: [ok, "{{ nosuch }}"] }'))
    expect(finding).toMatchObject({ step: 'a', path: 'steps[0].parameters.list[1]' })
  })

  test('points into block texts by line', () => {
    const [finding] = errorsOf(
      steps('  - id: a\n    tool: say\n    parameters:\n      text: |\n        first line\n        on {{ nosuch }}\n'),
    )
    expect(finding).toMatchObject({ line: 9, column: 15 })
  })

  test('gives the same text the same pipeline', () => {
    const text = steps('  - { id: a, tool: say, parameters: { t: "{{ topic }}" } }')
    expect(JSON.stringify(compile(text).pipeline)).toBe(JSON.stringify(compile(text).pipeline))
  })

  test('takes an edge from a template, and says so (A43)', () => {
    const { pipeline, findings } = compile(
      steps('  - { id: r, tool: say, parameters: { t: "{{ w.path }}" } }\n  - { id: w, tool: say }'),
    )
    expect(pipeline!.steps.r).toMatchObject({ edges: { needs: ['w'], reads: ['w'] } })
    expect(pipeline!.steps.w).toMatchObject({ edges: { dependents: ['r'] } })
    expect(findings).toEqual([expect.objectContaining({ code: 'implicit_dependency', severity: 'info', step: 'r' })])
  })

  test.each([
    ['routing_backward', 'a'],
    ['routing_self', 'b'],
    ['routing_unknown', 'c'],
  ])('takes no goto that leads nowhere to go on: %s (A39)', (code, goto) => {
    const found = errorsOf(steps(`  - { id: a, tool: say }\n  - { id: b, tool: say, goto: ${goto} }`))
    expect(found).toEqual([expect.objectContaining({ code, step: 'b', path: 'steps[1].goto' })])
  })

  test('prints a cycle of what is declared and what is read (A45)', () => {
    const found = errorsOf(
      steps('  - { id: a, tool: say, parameters: { t: "{{ b }}" } }\n  - { id: b, tool: say, dependencies: [a] }'),
    )
    expect(found).toEqual([
      expect.objectContaining({ code: 'dependency_cycle', message: 'steps wait for each other: a → b → a' }),
    ])
  })

  test('takes none from prose (A44) and none from a name a template sets itself', () => {
    const { pipeline } = compile(
      steps(
        '  - { id: a, name: "{{ b.result }}", tool: say, parameters: { t: "{% for b in [1] %}{{ b }}{% endfor %}" } }\n  - { id: b, name: "{{ a.result }}", tool: say }',
      ),
    )
    expect(pipeline!.steps.a!.edges.needs).toEqual([])
  })

  test('joins dependencies and depends_on, as a list or with commas', () => {
    const { pipeline } = compile(
      steps(
        '  - { id: a, tool: say }\n  - { id: b, tool: say }\n  - { id: c, tool: say, dependencies: "a, b", depends_on: [a] }',
      ),
    )
    expect(pipeline!.steps.c!.edges.needs).toEqual(['a', 'b'])
  })

  test('takes empty dependencies for none', () => {
    const { pipeline, findings } = compile(
      steps('  - { id: a, tool: say, depends_on: "" }\n  - { id: b, tool: say, dependencies: "a, " }'),
    )
    expect(findings).toEqual([])
    expect(pipeline!.steps.a!.edges.needs).toEqual([])
    expect(pipeline!.steps.b!.edges.needs).toEqual(['a'])
  })

  test('says once that a step has nothing to do', () => {
    const { findings } = compile(steps('  - { id: a, parameters: { x: 1 } }'))
    expect(findings.map(({ message }) => message)).toEqual([
      'step `a` does nothing: it has neither `tool:` nor `action:`',
    ])
  })

  test('says of an unknown name how it is given a value', () => {
    const { findings } = compile(steps('  - { id: a, tool: say, parameters: { t: "{{ output_path }}/x" } }'))
    expect(findings).toMatchObject([
      { code: 'undefined_variable', hint: 'Declare it under `inputs:`, or pass it with `-i output_path=…`.' },
    ])
  })

  test('reads a known id with hyphens as one name (A29)', () => {
    const { pipeline } = compile(
      steps(
        '  - { id: web-search, tool: say }\n  - { id: b, tool: say, parameters: { t: "{{ web-search.result }}" } }',
      ),
    )
    expect(pipeline!.steps.b!.edges.needs).toEqual(['web-search'])
  })

  test('reads the old $results spelling (A30)', () => {
    const { pipeline } = compile(
      steps('  - { id: g, tool: say }\n  - { id: b, tool: say, parameters: { t: $results.g } }'),
    )
    expect(pipeline!.steps.b).toMatchObject({ edges: { needs: ['g'] }, work: { parameters: { t: '{{ g }}' } } })
  })

  test('only warns of sections that never meant anything (A49)', () => {
    const { pipeline, findings } = compile(`${steps('  - { id: a, tool: say }')}\nenhanced_outputs: {}`)
    expect(pipeline).toBeDefined()
    expect(findings).toEqual([expect.objectContaining({ code: 'unknown_key', severity: 'warning' })])
  })

  test('gives a step the attempts of its effect class, unless its author says otherwise', () => {
    const { pipeline } = compile(
      steps(
        '  - { id: a, tool: say }\n  - { id: b, tool: terminal, parameters: { command: ls } }\n' +
          '  - { id: c, tool: terminal, parameters: { command: ls }, retry: 2 }\n  - { id: d, tool: terminal, parameters: { command: ls }, effect: idempotent }\n' +
          '  - { id: e, tool: say, max_retries: 2 }',
      ),
    )
    expect(Object.values(pipeline!.steps).map(({ policy }) => [policy.effect, policy.attempts])).toEqual([
      ['pure', 3],
      ['at-most-once', 1],
      ['at-most-once', 3],
      ['idempotent', 3],
      ['pure', 2],
    ])
  })

  test('makes what a body reads from outside a dependency of its loop', () => {
    const { pipeline } = compile(
      steps(
        '  - { id: first, tool: say }\n  - id: each\n    for_each: [1]\n    steps:\n      - { id: b, tool: say, parameters: { t: "{{ first }} {{ item }}" } }\n      - { id: c, tool: say, parameters: { t: "{{ b }}" } }',
      ),
    )
    expect(pipeline!.steps.each).toMatchObject({
      edges: { needs: ['first'] },
      work: { body: ['each.b', 'each.c'], roots: ['each.b'] },
    })
    expect(pipeline!.steps['each.c']).toMatchObject({ edges: { needs: ['each.b'], reads: ['each.b'] } })
    expect(pipeline!.steps['each.b']).toMatchObject({ edges: { needs: [], reads: ['first'], dependents: ['each.c'] } })
  })

  test('compiles ten thousand steps in a few seconds', () => {
    const many = Array.from(
      { length: 10_000 },
      (_, n) => `  - { id: s${n}, tool: say${n > 0 ? `, dependencies: [s${n - 1}]` : ''} }`,
    )
    const { pipeline, findings } = compile(steps(many.join('\n')))
    expect(findings).toEqual([])
    expect(pipeline!.size).toBe(10_000)
  })
})

test('the text of a question belongs to its step: another text, or another input, makes another step', () => {
  const basis = (question: string, inputs: Inputs) => ({
    pipeline: compile(steps(`  - { id: a, tool: say, parameters: { t: <AUTO>${question}</AUTO> } }`)).pipeline!,
    inputs,
  })
  const before = basis('red or {{ topic }}', { topic: 'tides', n: 3 })
  expect(changedNodes(before, before)).toEqual([])
  expect(changedNodes(before, basis('rod or {{ topic }}', before.inputs))).toEqual(['a'])
  expect(changedNodes(before, basis('red or {{ topic }}', { topic: 'ships', n: 3 }))).toEqual(['a'])
  expect(changedNodes(before, basis('red or {{ topic }}', { topic: 'tides', n: 4 }))).toEqual([])
})

test('a line more before an input changes nothing of what is pinned', () => {
  const text = (before: string) =>
    `name: x\n${before}inputs: { a: { type: integer } }\nsteps: [{ id: s, action: echo hi }]`
  const [one, other] = ['', '# a remark\n'].map((before) => compileText(text(before), { file: 'x.yaml', toolbox }))
  expect(JSON.stringify(one!.pipeline)).toBe(JSON.stringify(other!.pipeline))
})
