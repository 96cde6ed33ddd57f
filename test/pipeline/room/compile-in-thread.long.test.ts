import { expect, it, vi } from 'vitest'
import { longestPause } from '../../pause.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'

/** So many steps, each of which reads the one before. */
const chain = (count: number, last = '') =>
  `name: big\nsteps:\n${Array.from({ length: count }, (_, n) => `  - { id: s${n}, action: "echo ${n} {{ ${n ? `s${n - 1}` : '1'} }}" }\n`).join('')}${last}`

const FAULTS = `  - { id: greet, tool: hold, parameters: { file: [7], nobody: 1 } }
  - { id: read, action: "echo {{ grete }}" }
  - { id: ask, action: generate, parameters: { prompt: Say, model: no/such } }
`

it('a large pipeline compiles in a thread as a small one does here', async () => {
  const { open } = openFolder()
  const runtime = await open()
  const judge = async (count: number) => {
    const { findings, ...verdict } = await runtime.pipelines.validate({
      source: { name: 'p.yaml', text: chain(count, FAULTS) },
    })
    const told = findings.filter(({ severity }) => severity !== 'info')
    return { ...verdict, findings: told.map(({ line: _, path: _path, ...finding }) => finding) }
  }
  const [small, large] = [await judge(2), await judge(900)]
  expect(small.findings.length).toBeGreaterThan(2)
  expect(large.findings).toEqual(small.findings)
  const sound = await runtime.pipelines.validate({ source: { name: 'p.yaml', text: chain(900) } })
  expect(sound).toMatchObject({ valid: true, pipeline: 'big', steps: { s0: [], s899: ['s898'] } })
})

it('a large pipeline holds up nobody while it compiles, and runs', async () => {
  const { write, path, open } = openFolder()
  const runtime = await open()
  write('big.yaml', chain(3_000))
  await runtime.pipelines.validate({ source: { name: 'p.yaml', text: chain(700) } })
  const pause = await longestPause(async () => {
    const verdict = await runtime.pipelines.validate(path('big.yaml'))
    expect(Object.keys(verdict.steps!)).toHaveLength(3_000)
  })
  expect(pause).toBeLessThan(500)
  write('p.yaml', `${chain(700)}outputs: { last: "{{ s699 }}" }\n`)
  const { id } = await runtime.runs.start({ file: path('p.yaml') })
  await runtime.idle()
  expect(await runtime.runs.get(id)).toMatchObject({ status: 'completed' })
})

it('a large pipeline that a step runs compiles in a thread, with what it includes', async () => {
  const { open } = openFolder()
  const runtime = await open()
  const run = async (below: string) => {
    const files = { 'below.yaml': below, 'said.txt': 'hello' }
    const { id } = await runtime.runs.start({ source: { name: 'above.yaml', text: ABOVE, files } })
    const isOver = async () => (await runtime.runs.get(id)).status !== 'running'
    await vi.waitUntil(isOver, { timeout: 60_000, interval: 20 })
    return runtime.runs.get(id)
  }
  const said = '  - { id: more, action: "echo {{ file:said.txt }}" }\n'
  expect(await run(chain(750, said))).toMatchObject({ status: 'completed' })
  const pause = await longestPause(async () => {
    const { status, steps } = await run(chain(2_500, '  - { id: bad, tool: nothing }\n'))
    expect([status, JSON.stringify(steps)]).toEqual(['failed', expect.stringContaining('there is no tool `nothing`')])
  })
  expect(pause).toBeLessThan(500)
})

const ABOVE = `name: above
steps:
  - { id: run, tool: pipeline-executor, parameters: { pipeline: below.yaml, wait_for_completion: false } }
`
