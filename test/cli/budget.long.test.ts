import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../../src/testing/index.ts'
import type { AskMoneyItem } from '../../src/thread/room/documents/inbox.ts'
import { openServing } from './held.ts'

it('antiphon budget says how much may be spent, shows it, and says what is wrong', async () => {
  const { run, write } = openServing()
  write('antiphon.yaml', 'embedder: none')
  const set = await run('budget', 'set', '--owner', 'ada', '--daily', '10', '--in-all', '200')
  expect(set.out).toMatch(/^owner-day\/ada: \$0\.00 of \$10\.00 spent.*\nowner\/ada: \$0\.00 of \$200\.00 spent/)
  expect((await run('budget', 'list')).out).toMatch(/owner\/ada +\$200\.00 +\$0\.00 +\$0\.00 +0 +0/)
  const both = await run('budget', 'set', '--owner', 'ada', '--daily', '10', '--in-all', '200', '--json')
  expect(JSON.parse(both.out)).toMatchObject([{ scope: 'owner-day/ada' }, { scope: 'owner/ada' }])
  const lower = await run('budget', 'raise', 'owner/ada', '100')
  expect(lower).toMatchObject({ code: 2, err: expect.stringContaining('lower than the current one') })
  const hourly = await run('budget', 'set', '--pipeline', 'tide', '--hourly', '2', '--in-all', '20')
  expect(hourly.out).toMatch(
    /^pipeline-hour\/local\/tide: \$0\.00 of \$2\.00 spent in the hour 20\d\d-.*\npipeline\/local\/tide: \$0\.00 of \$20\.00 spent,/,
  )
  expect(await run('budget', 'set', '--hourly', '2')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--owner or --pipeline'),
  })
  const wrong = await run('budget', 'set', 'day/ada', '2')
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('is not a budget scope') })
})

it('a call in flight when the process was killed is made again and counted once', async () => {
  const asked: string[] = []
  // the first call is never answered
  const server = createServer((request, response) => {
    asked.push(request.url!)
    if (asked.length === 1) return
    const message = { role: 'assistant', content: 'Ebb and flow.' }
    const usage = { prompt_tokens: 100, completion_tokens: 100, total_tokens: 200 }
    response.setHeader('content-type', 'text/event-stream')
    const base = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'one' }
    const chunk = { ...base, choices: [{ index: 0, delta: message, finish_reason: 'stop' }], usage }
    response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const { run, write, signal } = openServing()
  write(
    'antiphon.yaml',
    'model: lab/one',
    'embedder: none',
    `providers: { lab: { type: openai-compatible, baseURL: 'http://127.0.0.1:${port}/v1' } }`,
    'models: [{ id: lab/one, cost: { input: 1000, output: 1000 } }]',
  )
  const step = '{ id: a, action: generate_text, parameters: { prompt: Which tide?, max_tokens: 1000 } }'
  write('tide.yaml', 'name: tide', `steps: [${step}]`)
  const id = (await run('run', 'tide.yaml', '--budget', '1.50', '--detach')).out.trim()
  await until(() => asked.length === 1)
  signal('SIGKILL')
  expect(JSON.parse((await run('resume', id, '--json')).out)).toMatchObject({ status: 'completed' })
  const shown = JSON.parse((await run('budget', 'show', `run/${id}`, '--json')).out)
  expect(shown).toMatchObject({ limit: 1.5, spent: 0.2, reserved: 0, calls: 1, repeated: 1 })
  expect(JSON.parse((await run('cost', '--json')).out)).toMatchObject({ total: { cost: 0.2, calls: 1 } })

  // what is done anew may cost something, too; what is recorded costs nothing
  for (const [calls, ...command] of [
    [1, 'fork', id, '--at', 'a'],
    [0, 'replay', id],
  ] as const) {
    const other = JSON.parse((await run(...command, '--budget', '1.75', '--json')).out)
    const its = await run('budget', 'show', `run/${other.execution_id}`, '--json')
    expect(JSON.parse(its.out)).toMatchObject({ limit: 1.75, calls })
  }
})

it('a run that waits for money says so, and how it goes on, wherever one looks', async () => {
  const { run, write } = openPoor()
  const limit = 'requires_model: { cost_limit: 2.50, budget_period: per-hour }'
  const step = `{ id: a, action: generate_text, parameters: { prompt: Which tide?, max_tokens: 3000 }, ${limit} }`
  write('tide.yaml', 'name: tide', `steps: [${step}]`)
  const id = (await run('run', 'tide.yaml', '--budget', '0.50', '--detach')).out.trim()
  const inbox = await until(async () => {
    const { out } = await run('inbox')
    return out === '' ? undefined : out
  })
  expect(inbox).toMatch(
    new RegExp(`^step a of ${id}, waiting for a budget increase for .*\\n.*the budget run/${id} is \\$0\\.50 in all`),
  )
  expect(inbox).toContain(`  → antiphon budget raise run/${id} DOLLARS`)
  expect((await run('why', id)).out).toMatch(
    new RegExp(
      `has waited .* for a budget increase: the budget run/${id} has too little left\\n +→ to continue: antiphon budget raise run/${id}`,
    ),
  )
  expect((await run('signal', id, `budget:run/${id}`, 'null')).code).toBe(2)

  // there is enough for the run, and not for all of them in this hour
  await run('budget', 'raise', `run/${id}`, '9')
  expect(await run('budget', 'list')).toMatchObject({
    out: expect.stringMatching(/pipeline-hour\/local\/tide +\$2\.50/),
  })
  const why = await run('why', id)
  expect(why.out).toContain(
    'continues with the next hour (UTC); or to continue: antiphon budget raise pipeline-hour/local/tide',
  )
})

it('a question that waits for money is listed with the command that goes on with it', async () => {
  const { run } = openPoor()
  const asked = run('ask', 'Which tide?', '--budget', '0.1')
  const { ask } = await until(async () => (JSON.parse((await run('inbox', '--json')).out) as AskMoneyItem[])[0])
  expect((await run('inbox')).out).toMatch(
    /^question ask_(\S+) on thread_\1, waiting for a budget increase for .*\n {2}the budget thread\/thread_\1 is .*\n {2}→ antiphon budget raise thread\/thread_\1 DOLLARS\n$/,
  )
  expect((await run('cancel', ask)).code).toBe(0)
  expect((await asked).code).not.toBe(0)
  expect((await run('inbox')).err).toBe('Nothing waits for an answer here.\n')
})

/** A folder whose model costs a lot. */
function openPoor() {
  const served = openServing()
  served.write(
    'antiphon.yaml',
    'model: lab/one',
    'embedder: none',
    `providers: { lab: { type: openai-compatible, baseURL: 'http://127.0.0.1:1/v1' } }`,
    'models: [{ id: lab/one, cost: { input: 1000, output: 1000 } }]',
  )
  return served
}
