import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { openFolder } from './inspect/folder.ts'

const FIRST =
  'name: first\nsteps: [{ id: a, tool: filesystem, action: exists, parameters: { path: . } }]\noutputs: { there: "{{ a.exists }}" }\n'
const LOOK = `name: look
inputs: { run: { type: string, required: true } }
steps:
  - { id: all, tool: checkpoint, action: list, parameters: { pipeline_name: first } }
  - { id: one, tool: checkpoint, action: inspect, parameters: { checkpoint_file: "{{ run }}" } }
  - { id: md, tool: checkpoint, action: extract, parameters: { checkpoint_file: "{{ run }}", output_file: out/run.md } }
  - { id: json, tool: checkpoint, action: extract, parameters: { execution_id: "{{ run }}", output_file: out/run.json, format: json } }
  - { id: gone, tool: checkpoint, action: inspect, on_failure: continue, parameters: { checkpoint_file: nobody } }
outputs: { all: "{{ all.result }}", status: "{{ one.status }}", there: "{{ one.result.outputs.there }}", none: "{{ gone.error }}", path: "{{ md.path }}" }
`

it('the runs of a data folder can be listed, shown and written into files', async () => {
  const { path, write, open } = openFolder()
  write('first.yaml', FIRST)
  write('look.yaml', LOOK)
  const runtime = await open()
  const { id } = await runtime.runs.start({ file: path('first.yaml') })
  await runtime.idle()
  const look = await runtime.runs.start({ file: path('look.yaml'), inputs: { run: id } })
  await runtime.idle()
  const { outputs } = await runtime.runs.get(look.id)
  expect(outputs).toMatchObject({
    all: {
      checkpoints: [{ checkpoint_file: id, execution_id: id, pipeline_name: 'first', status: 'completed' }],
      count: 1,
    },
    there: true,
    none: 'There is no run nobody.',
    path: 'out/run.md',
  })
  expect(readFileSync(path('out/run.md'), 'utf8')).toContain('# first\n')
  expect(JSON.parse(readFileSync(path('out/run.json'), 'utf8'))).toMatchObject({
    execution_id: id,
    status: 'completed',
  })
})
