import { mkdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

const GOOD = ['name: good', 'steps:', '  - { id: a, tool: echo, parameters: { action: hi } }']
const AGENT = ['---', 'description: Notes things down', 'tools: filesystem', '---', 'You keep notes.md.']

function openProject() {
  const bench = openBench(REAL)
  mkdirSync(bench.path('pipelines'))
  mkdirSync(bench.path('agents'))
  bench.write('antiphon.yaml', 'embedder: none')
  bench.write('pipelines/good.yaml', ...GOOD)
  bench.write('data.yaml', 'tides: [high, low]')
  bench.write('agents/clerk.md', ...AGENT)
  return bench
}

it('checks settings, pipelines and agents of a project', async () => {
  const bench = openProject()
  const { code, out, err } = await bench.run('check')
  expect({ code, err }).toEqual({ code: 0, err: 'Checked 1 pipeline, 1 agent and 0 workflows: all fit.\n' })
  expect(out).toBe(
    '✓ antiphon.yaml is valid\n✓ pipelines/good.yaml is valid\n✓ agents/clerk.md is valid\n  clerk, 12 tools, 0 skills\n',
  )
})

it('has the exit code 2 if a pipeline or an agent is not valid, and says where', async () => {
  const bench = openProject()
  bench.write('pipelines/bad.yaml', ...GOOD, '    tol: x')
  bench.write('agents/clerk.md', ...AGENT.with(2, 'tools: filesytem'))
  const { code, out, err } = await bench.run('check', 'pipelines')
  expect({ code, err }).toEqual({ code: 2, err: 'Checked 2 pipelines, 1 agent and 0 workflows: 2 not valid.\n' })
  expect(out).toMatch(/✗ pipelines\/bad\.yaml is not valid\npipelines\/bad\.yaml:\d+:\d+: error/)
  expect(out).toMatch(/✗ agents\/clerk\.md is not valid\nagents\/clerk\.md:3/)
  const found = JSON.parse((await bench.run('check', 'pipelines/bad.yaml', '--json')).out)
  expect(found).toMatchObject({
    settings: bench.path('antiphon.yaml'),
    pipelines: [{ pipeline_file: 'pipelines/bad.yaml', valid: false }],
    agents: [{ agent_file: 'agents/clerk.md', valid: false }],
    workflows: null,
  })
})

it('names the line of a wrong setting, and a path that does not exist', async () => {
  const bench = openProject()
  expect(await bench.run('check', 'piplines')).toMatchObject({
    code: 2,
    err: expect.stringContaining('File not found'),
  })
  bench.write('antiphon.yaml', 'embedder: none', 'pulgins: []')
  expect(await bench.run('check')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^antiphon\.yaml:2:\d+: .*pulgins/),
  })
})
