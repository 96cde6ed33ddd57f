import { expect, it } from 'vitest'
import { openFolder } from '../../runtime/inspect/folder.ts'

const PIPELINE = `name: p
inputs: { n: { type: integer, required: true } }
steps:
  - id: each
    for_each: [1, 2, 3]
    steps:
      - { id: look, tool: filesystem, action: list, parameters: { path: . } }
  - { id: text, action: analyze_text, parameters: { prompt: "When does the ship leave?", text: "The ship leaves the harbour at noon, day {{ n }}. It carries salt." } }
  - { id: named, action: generate, parameters: { prompt: Say, model: no/such } }
  - { id: later, action: generate, parameters: { prompt: Say, model: "{{ text }}" } }
`

it('a plan tells the models and what earlier runs took, and starts nothing', async () => {
  const { write, path, open } = openFolder()
  write('p.yaml', PIPELINE.replace(/ {2}- \{ id: (named|later).*\n/g, ''))
  const runtime = await open()
  for (let n = 0; n < 2; n++) await runtime.runs.start({ file: path('p.yaml'), inputs: { n } })
  await runtime.idle()
  write('p.yaml', PIPELINE)
  const plan = await runtime.pipelines.plan(path('p.yaml'), { inputs: { n: 1 } })
  const [each, text, named] = plan.levels[0]!
  expect(plan.taken).toMatchObject({ times: 2, ms: { least: expect.any(Number) } })
  expect(each).toMatchObject({
    taken: { times: 2 },
    body: [{ id: 'look', does: 'filesystem:list', taken: { times: 6 } }],
  })
  expect(text).toMatchObject({ model: { id: 'offline/extractive' }, taken: { times: 2 } })
  expect(named).toMatchObject({ model: { id: 'no/such', why: 'named by the step' } })
  expect(plan.levels[1]![0]!.model).toEqual({ why: 'a model decides it during the run' })
  expect(await runtime.runs.list()).toHaveLength(2)
  await expect(runtime.pipelines.plan(path('p.yaml'))).rejects.toMatchObject({ code: 'input_required' })
  await expect(runtime.pipelines.plan(path('none.yaml'))).rejects.toMatchObject({ code: 'invalid_pipeline' })
})
