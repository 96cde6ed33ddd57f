import { describe, expect, test } from 'vitest'
import type { Json } from '../../../../src/kernel/schema.ts'
import { compileText } from '../../../../src/pipeline/language/compile.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'
import { openWorkshop, tool } from '../../workshop.ts'

const toolbox = createToolbox([tool('say', () => null, 'pure')])
const compile = (text: string, strict = false) => compileText(text, { file: 'p.yaml', toolbox, strict })
const step = (value: string) => `name: x\nsteps: [{ id: a, tool: say, parameters: { value: "${value}" } }]\n`

describe('templates read the constants at the top', () => {
  test.each<[name: string, template: string, sections: string, expected: Json]>([
    ['config', '{{ config.url }}', 'config: { url: "http://x" }', 'http://x'],
    ['data', '{{ data.rows[1] }}', 'data: { rows: [1, 2] }', 2],
    ['variables', '{{ variables.deep.x }}', 'variables: { deep: { x: yes } }', 'yes'],
    ['context by its name', '{{ context.who }}', 'context: { who: Ann }', 'Ann'],
    ['context without it', '{{ who }}', 'context: { who: Ann }', 'Ann'],
    ['a section of their own', '{{ settings.n }}', 'settings: { n: 3 }', 3],
    ['an input goes before', '{{ who }}', 'context: { who: Ann }\ninputs: { who: Bob }', 'Bob'],
    ['what is not there, with a default', "{{ config.y | default('d') }}", 'config: { url: 1 }', 'd'],
    ['braces in it are data', '{{ data.x }}', 'data: { x: "{{ config }}" }', '{{ config }}'],
  ])('%s', async (_name, template, sections, expected) => {
    const { run, calls } = openWorkshop()
    expect(await run(step(template) + sections)).toMatchObject({ status: 'completed' })
    expect(calls).toMatchObject([{ input: { value: expected } }])
  })
})

describe('settings for all steps', () => {
  test('config.default_timeout, unless a step has its own', () => {
    const steps = 'steps: [{ id: a, tool: say }, { id: b, tool: say, timeout: 1 }, { id: l, for_each: [1], tool: say }]'
    const { pipeline } = compile(`name: x\nconfig: { default_timeout: 5 }\n${steps}`)
    const { a, b, l, ...inner } = pipeline!.steps
    expect([a!.policy.timeout, b!.policy.timeout, l!.policy.timeout]).toEqual([5000, 1000, undefined])
    expect(Object.values(inner).map(({ policy }) => policy.timeout)).toEqual([5000])
  })

  test.each([
    ['tiny', { names: ['tiny'] }],
    ['[tiny, small]', { names: ['tiny', 'small'] }],
    ['{ provider: openai, name: tiny }', { names: ['openai/tiny'] }],
    ['{ min_size: 7B }', { needs: { minSize: 7 } }],
  ])('model: %s', (model, wish) => {
    const steps = 'steps: [{ id: a, action: generate_text, parameters: { prompt: x } }, { id: b, tool: say }]'
    const { pipeline } = compile(`name: x\nmodel: ${model}\n${steps}`)
    expect(pipeline!.model).toEqual(wish)
  })
})

describe('--strict', () => {
  const unknown = `${step('x')}setings: { n: 1 }`
  test('a key nobody knows is an error', () => {
    expect(compile(unknown).pipeline).toBeDefined()
    const { pipeline, findings } = compile(unknown, true)
    expect(pipeline).toBeUndefined()
    expect(findings).toEqual([expect.objectContaining({ code: 'unknown_key', severity: 'error' })])
  })

  test('an old form alone is not', () => {
    expect(compile('name: x\nversion: one\ntasks: [{ id: a, tool: say }]', true).pipeline).toBeDefined()
  })
})
