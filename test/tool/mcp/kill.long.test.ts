import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { until } from '../../../src/testing/until.ts'
import { openBench } from '../../cli/commands.ts'
import { REAL } from '../../cli/programs.ts'
import { FIXTURE, isRunning, linesIn } from './bench.ts'

/** On a busy machine two programs may take long to start. */
const SLOWLY = { interval: 10 }

const ASK = 'id: ask, tool: "fix:ask"'
const JOB = '{ id: hang, tool: "fix:job" }'
const [HANG, AFTER] = [
  '{ id: hang, tool: "fix:hang" }',
  '{ id: after, tool: "fix:note", parameters: { line: "{{ hang.text }}" } }',
]

/** A project whose run is killed by SIGKILL while its server works on a call. */
async function killedRun({ settings = [] as readonly string[], step = HANG, until: lines = 1 } = {}) {
  const bench = openBench(REAL)
  const [log, pids, free] = ['log', 'pids', 'free'].map(bench.path) as [string, string, string]
  bench.write(
    'antiphon.yaml',
    'mcpServers:',
    '  fix:',
    `    command: ${process.execPath}`,
    `    args: [${FIXTURE}]`,
    `    env: { LOG: ${log}, PIDS: ${pids}, FREE: ${free}, TIDE: ${free} }`,
    ...settings.map((line) => `    ${line}`),
  )
  bench.write('tide.yaml', 'name: tide', `steps: [${step}, ${AFTER}]`, 'outputs: { said: "{{ after.text }}" }')
  const { child, ended } = bench.start(['run', 'tide.yaml'])
  await expect.poll(() => linesIn(log).length, SLOWLY).toBeGreaterThanOrEqual(lines)
  const started = linesIn(pids).map(Number)
  const running = started.filter(isRunning).length
  child.kill('SIGKILL')
  await ended
  const [{ id }] = JSON.parse((await bench.run('runs', '--json')).out) as [{ id: string }]
  return { ...bench, log, free, started, running, resume: () => bench.run('resume', id) }
}

it('kill -9 takes the server along, and what it started, and repeats no at-most-once call', async () => {
  const { started, running, resume, log, free } = await killedRun()
  expect(running).toBeGreaterThanOrEqual(2)
  await until(() => started.filter(isRunning).length === 0)
  writeFileSync(free, '')
  const { code, err } = await resume()
  expect(code).toBe(1)
  expect(err).toContain('Did fix:hang take place? It was interrupted.')
  expect(linesIn(log)).toHaveLength(1)
})

it('after kill -9 a call is looked up by the tool of the server that the settings name, and nobody is asked', async () => {
  const { started, resume, log } = await killedRun({
    settings: [
      'effects: { note: pure }',
      'lookUp: { hang: { tool: note, parameters: { line: "{{ key }}" }, done: "{{ result.text }}" } }',
    ],
  })
  await until(() => started.filter(isRunning).length === 0)
  const { code, out } = await resume()
  const [key] = linesIn(log)[0]!.split(' ').slice(1)
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining(`noted noted ${key}`) })
  expect(linesIn(log).filter((line) => line.startsWith('hang '))).toHaveLength(1)
})

it('after kill -9 a call that may be repeated is made again with the same key', async () => {
  const { started, resume, log, free } = await killedRun({ settings: ['effects: { hang: idempotent }'] })
  await until(() => started.filter(isRunning).length === 0)
  writeFileSync(free, '')
  const { code, out } = await resume()
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('noted free') })
  const [first, second, note] = linesIn(log)
  expect(second).toBe(first)
  expect(note).toMatch(/^free /)
})

it('after kill -9 a task of a server is looked after, and the call is not made again', async () => {
  const { started, resume, log, free } = await killedRun({ step: JOB, until: 3 })
  await until(() => started.filter(isRunning).length === 0)
  writeFileSync(free, '')
  const { code, out } = await resume()
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('noted done') })
  expect(linesIn(log).filter((line) => line.startsWith('job '))).toHaveLength(1)
  expect(linesIn(log).filter((line) => line === 'look job-1').length).toBeGreaterThan(2)
})

/** A project whose run waits for a person, and was killed while it did. */
async function askingRun(step = `{ ${ASK} }`, ...settings: readonly string[]) {
  const bench = openBench(REAL)
  const [log, free] = ['log', 'free'].map(bench.path) as [string, string]
  bench.write(
    'antiphon.yaml',
    `mcpServers: { fix: { command: ${process.execPath}, args: [${FIXTURE}], env: { LOG: ${log}, FREE: ${free} }, ${settings} } }`,
  )
  bench.write('form.yaml', 'name: form', `steps: [${step}]`, 'outputs: { said: "{{ ask.text }}" }')
  const running = bench.start(['run', 'form.yaml'])
  const id = async () => (JSON.parse((await bench.run('runs', '--json')).out) as [{ id: string }])[0].id
  return { ...bench, ...running, log, free, id }
}

it('a form of a server waits in the inbox, over kill -9, and is answered once from another process', async () => {
  const { said, child, ended, run, log, free, id } = await askingRun()
  await said('waits: fix:ask asks: Who?')
  child.kill('SIGKILL')
  await ended
  writeFileSync(free, '')
  const run1 = await id()
  expect(JSON.parse((await run('inbox', '--json')).out)).toMatchObject([{ step: 'ask', title: 'fix:ask asks: Who?' }])
  expect(linesIn(log)).toEqual([])
  expect(await run('signal', run1, 'ask', '{}')).toMatchObject({
    code: 2,
    err: expect.stringContaining('question q1 requires an answer'),
  })
  expect(await run('signal', run1, 'ask', '{"q1": "Ada"}')).toMatchObject({ code: 0 })
  const { code, out } = await run('resume', run1)
  expect(code).toBe(0)
  expect(out).toContain('{"inputResponses":{"who":{"action":"accept","content":{"name":"Ada"}}},"state":"ebb"}')
  expect(linesIn(log)).toEqual([expect.stringMatching(/^ask \S+$/)])
})

it('kill -9 after the answer does not make the call again', async () => {
  const { said, child, ended, run, start, log, free, id } = await askingRun()
  await said('waits: fix:ask asks: Who?')
  child.kill('SIGKILL')
  await ended
  const run1 = await id()
  const answer = ['signal', run1, 'ask', '{"decline": true}', '--id', 'answer-1']
  const answering = start(answer)
  await expect.poll(() => linesIn(log), SLOWLY).toHaveLength(1)
  answering.child.kill('SIGKILL')
  await answering.ended
  writeFileSync(free, '')
  // the answer need not be sent again: the run has taken it
  const unknown = { code: 1, err: expect.stringContaining('Did fix:ask take place? It was interrupted.') }
  expect(await run('resume', run1)).toMatchObject(unknown)
  expect(linesIn(log)).toHaveLength(1)
  // made again, the call asks again
  expect(await run('settle', run1, 'ask', 'not-done')).toMatchObject({ code: 0 })
  expect(await run('resume', run1)).toMatchObject({ code: 1, err: expect.stringContaining('fix:ask asks: Who?') })
})

it.each([
  ['that may be repeated', [`{ ${ASK} }`, 'effects: idempotent'], 'would ask twice'],
  ['with a secret', [`{ ${ASK}, parameters: { token: "secret://fix" } }`], 'a call with secrets cannot wait'],
])('a call %s asks nobody', async (_, given, message) => {
  const [step, ...settings] = given
  const bench = await askingRun(step, ...settings)
  bench.child.kill('SIGKILL')
  await bench.ended
  const { code, err } = await bench.runWith({ ANTIPHON_SECRET_FIX: 'planted-secret' }, 'run', 'form.yaml')
  expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining(message) })
})

it('a change of a resource while antiphon is down is found when it comes back', async () => {
  const step =
    '{ id: hang, tool: mcp-resource, action: subscribe, parameters: { server_name: fix, uri: "tide://today", every: 1 } }'
  const { started, resume, log, free } = await killedRun({ step, until: 2 })
  await until(() => started.filter(isRunning).length === 0)
  expect(new Set(linesIn(log))).toEqual(new Set(['read']))
  writeFileSync(free, 'flood')
  const { code, out } = await resume()
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('noted flood') })
})
