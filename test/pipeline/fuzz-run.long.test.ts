import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { is } from '../../src/errors.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { compileText } from '../../src/pipeline/language/compile.ts'
import { planOf } from '../../src/pipeline/report/plan.ts'
import type { RunDocument } from '../../src/run/document.ts'
import { builtinTools } from '../../src/tool/builtin/tools.ts'
import { inputSchemaOf } from '../../src/tool/schema.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'
import { besideOthers } from '../chaos/killed.ts'
import { fc, TIMES } from '../property.ts'
import { readRun } from './read-run.ts'
import { openWorkshop } from './workshop.ts'

// a command that is made at random could do anything
const TOOLS = builtinTools.filter(({ name }) => !name.startsWith('terminal'))
const toolbox = createToolbox(TOOLS)
const RUNS = 150 * TIMES

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'antiphon-fuzz-'))
  await writeFile(join(folder, 'a.txt'), 'k,v\nx,1\ny,2\n')
  await writeFile(join(folder, 'b.json'), '[{"k": "x", "v": 1}, {"k": null}]')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

// what a parameter may be: what tools expect, what nobody does, and templates of both

const word = fc.constantFrom(
  ...['a.txt', 'b.json', 'none.txt', '.', '..', '/', 'out', 'x'.repeat(300), '\0', '😀', '', 'json', 'csv', 'sum'],
  ...['k', 'v', 'x', 'a * b', 'k == 1', '(((', '[0-9]+', '__proto__', 'constructor', 'k,v\nx,1\n', '[{"k": 1}]', '{'],
)
const template = fc.constantFrom(
  ...['{{ given }}', '{{ given.k }}', '{{ s0 }}', '{{ s0.result.data }}', '{{ s0.processed_data | tojson }}'],
  ...["{{ given | default('x') }}", '{% for x in given %}{{ x }}{% endfor %}', '{{ given * 3 }}', '{{ s0.status }}'],
)
const rows = fc.array(fc.dictionary(fc.constantFrom('k', 'v', '', '__proto__'), fc.jsonValue({ maxDepth: 1 })), {
  maxLength: 5,
})
const value = fc.oneof(word, template, rows, fc.jsonValue({ maxDepth: 3 }), fc.integer(), fc.boolean())

const step = fc.constantFrom(...TOOLS).chain((tool) => {
  const { properties = {}, required = [] } = inputSchemaOf(tool) ?? {}
  const [name, action] = tool.name.split(':')
  const parameters = fc.record(Object.fromEntries(Object.keys(properties).map((key) => [key, value])), {
    requiredKeys: [...required],
  })
  return parameters.map((given) => ({ tool: name, ...(action && { action }), parameters: given }))
})
const loop = fc.constantFrom({}, {}, { foreach: '{{ given }}' }, { for_each: [1, 2], max_parallel: 2 })
const pipeline = fc.array(fc.tuple(step, loop), { minLength: 1, maxLength: 3 }).map((all) => ({
  name: 'x',
  inputs: { given: { type: 'any', default: null } },
  steps: all.map(([fields, around], n) => ({ id: `s${n}`, on_failure: 'continue', ...fields, ...around })),
  outputs: { all: '{{ steps }}', first: '{{ s0 }}' },
}))

/** Ends, one way or the other, soon; what is wrong is said in our words. */
let ended = 0
async function expectEnd(text: string, given: Json): Promise<void> {
  const { pipeline: compiled } = compileText(text, { file: 'p.yaml', toolbox })
  if (!compiled) return
  expect(planOf(compiled, () => ({})).levels.flat().length).toBeGreaterThan(0)
  const { start, events, engine, values } = openWorkshop({ tools: TOOLS, services: { root: folder, roots: [folder] } })
  try {
    await start(text, { given })
  } catch (error) {
    expect(is(error), String(error)).toBe(true)
    return
  }
  await events('run_1')
  const run = await readRun(engine.view, values, 'run_1')
  expect(['completed', 'failed']).toContain(run.status)
  ended += Object.values(run.steps).filter(({ status }) => status === 'completed').length
  for (const fault of [run, ...Object.values(run.steps)]) expectOurs(fault)
}

function expectOurs({ error, error_code: code }: Pick<RunDocument, 'error' | 'error_code'>): void {
  if (error === null) return
  expect({ code, error }).toMatchObject({ code: expect.stringMatching(/^(?!internal$)./) })
  expect(error).not.toMatch(/\n\s+at |is not a function|Cannot read prop|undefined is/)
}

test('a run of offline tools ends within a second on any input, and names the fault in our words', async () => {
  const before = process.memoryUsage().rss
  await fc.assert(
    fc.asyncProperty(pipeline, fc.oneof(rows, fc.jsonValue({ maxDepth: 3 }), word), async (made, given) => {
      const began = performance.now()
      await expectEnd(JSON.stringify(made), given as Json)
      expect(performance.now() - began).toBeLessThan(besideOthers(SOON))
    }),
    { numRuns: RUNS },
  )
  // or nothing was tried
  expect(ended).toBeGreaterThan(RUNS / 6)
  expect(process.memoryUsage().rss - before).toBeLessThan(512 * 1024 * 1024)
})

/** ms; a second, and as much again for a machine that has other things to do. */
const SOON = 2000
