import { expect, it } from 'vitest'
import { nextFrames } from '../../../src/http/compat/frames.ts'
import { gate } from '../../../src/testing/index.ts'
import type { ChainEvent } from '../../../src/thread/protocol/ask-state.ts'
import { brief, type Frame, framesOf, OTHER_THREAD, openServed, readFrames, THREAD } from './served.ts'

const PHASES = ['action', 'experience_vectors', 'experience_web', 'intention', 'observation', 'understanding', 'yield']

const phaseFrames = (frames: readonly Frame[]) =>
  frames.flatMap(({ data }) => (data !== '[DONE]' && data.phase !== undefined ? [data] : []))
const last = (frames: readonly Frame[], phase: string) => phaseFrames(frames).findLast((data) => data.phase === phase)

it('tells each phase to run and to end once, in order, and at last [DONE]', async () => {
  const { chat } = await openServed()
  const frames = await chat('What is the moon made of?')
  expect(brief(frames)).toEqual([
    'action running',
    'action complete',
    'experience_vectors running',
    'experience_web running',
    ...['experience_vectors skipped', 'experience_web skipped'],
    'intention running',
    'intention complete',
    'observation running',
    'observation complete',
    'understanding running',
    'understanding complete',
    'decision yield',
    'yield running',
    'yield complete',
    'done completed',
    '[DONE]',
  ])
  for (const phase of PHASES) expect(phaseFrames(frames).filter((data) => data.phase === phase)).toHaveLength(2)
})

it("has upstream's fields in each, and its own beside them", async () => {
  const { chat } = await openServed()
  const frames = await chat('What is the moon made of?')
  const numbers = frames.flatMap(({ id }) => (id === undefined ? [] : [Number(id)]))
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
  expect(new Set(numbers).size).toBe(frames.length - 1)
  for (const data of phaseFrames(frames)) {
    expect(data).toMatchObject({
      ...{ phase: expect.any(String), status: expect.any(String), content: expect.any(String) },
      ...{ provider: expect.any(String), model_name: expect.any(String) },
      ...{ v: 1, thread_id: THREAD, run_id: expect.stringMatching(/^ask_/), seq: expect.any(Number), cycle: 1 },
      ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    })
  }
  expect(last(frames, 'action')).toMatchObject({ content: 'first answer', provider: 'scripted', model_name: 'model' })
  expect(last(frames, 'experience_vectors')).toMatchObject({ vector_results: [], reason: 'no files were given' })
  expect(last(frames, 'experience_vectors')).not.toHaveProperty('max_similarity')
  expect(last(frames, 'experience_web')).toMatchObject({ web_results: [], model_name: 'unknown' })
  // the script cites what was not retrieved
  expect(last(frames, 'yield')).toMatchObject({ content: 'the answer v1', citations: [] })
})

it('tells which pages of the web were found, by which service', () => {
  const hit = { vid: 'w1', source: 'brave', file: 'https://moon.example/', line: 3, endLine: 3, score: 1 }
  const hits = [{ ...hit, heading: 'The moon', text: 'It is made of basalt.' }]
  const ended = {
    type: 'phase-end',
    phase: 'experience.web',
    cycle: 1,
    status: 'completed',
    text: '',
    model: '',
  } as const
  const body = { ...ended, ms: 1, at: 1, hits } satisfies ChainEvent
  const { frames } = nextFrames({ thread: THREAD, id: 'ask_1' }, [], { n: 1, correlationId: 'ask_1', body })
  const page = { title: 'The moon', url: hit.file, content: 'It is made of basalt.', provider: 'brave' }
  expect(frames).toMatchObject([{ data: { phase: 'experience_web', web_results: [page] } }])
})

it('tells what was found in the files of the thread, and what the answer cites', async () => {
  const { chat, runtime, notes } = await openServed()
  await runtime.threads.ask({ thread: THREAD, prompt: 'What is the moon made of?', files: [notes], owner: 'ann' })
  const frames = await chat('What is the moon made of?')
  const { vector_results } = last(frames, 'experience_vectors') as { vector_results: object[] }
  expect(vector_results[0]).toEqual({
    id: 'v1',
    score: expect.any(Number),
    content: expect.stringContaining('basalt'),
    content_preview: expect.stringContaining('basalt'),
  })
  expect(last(frames, 'yield')).toMatchObject({ content: 'the answer <vid>v1</vid>', citations: ['v1'] })
})

it('loops as the chain does, and says in which cycle', async () => {
  const { chat } = await openServed({
    understanding: [
      { reply: { loop: true, confidence: 0.4, gaps: ['air'], infoSufficiency: 0.3, synthesis: 'one' }, times: 1 },
      { reply: { loop: false, confidence: 0.8, synthesis: 'two' } },
    ],
  })
  const frames = await chat('What is the moon made of?')
  expect(brief(frames)).toContain('decision loop')
  const cycles = phaseFrames(frames).map(({ phase, status, cycle }) => `${phase} ${status} ${cycle}`)
  expect(cycles).toContain('experience_vectors running 2')
  expect(cycles).not.toContain('action running 2')
  expect(new Set(cycles).size).toBe(cycles.length)
})

/** A failure that no wait mends. */
const DECLINED = Object.assign(new Error('content_policy'), { statusCode: 400 })

it('tells of a phase that failed: the first ends the question, others are done without', async () => {
  const failing = await openServed({ action: { error: DECLINED } })
  const frames = await failing.chat('What is the moon made of?')
  expect(brief(frames).slice(0, 2)).toEqual(['action running', 'action error'])
  expect(brief(frames).slice(2)).toEqual([expect.stringMatching(/^error /), '[DONE]'])
  expect(frames.at(-2)!.data).toMatchObject({ error: expect.any(String), status: 'failed' })

  const body = { user_query: 'Once more?', thread_id: THREAD }
  const once = { headers: { 'idempotency-key': 'one' } }
  const first = await framesOf(await failing.post('/api/postchain/langchain', body, once))
  expect(await framesOf(await failing.post('/api/postchain/langchain', body, once))).toEqual(first)

  const degraded = await openServed({ intention: { error: DECLINED } })
  const told = await degraded.chat('What is the moon made of?')
  expect(last(told, 'intention')).toMatchObject({ status: 'degraded', reason: expect.any(String) })
  expect(brief(told).slice(-3)).toEqual(['yield complete', 'done completed', '[DONE]'])
})

it('reports the end of cancelled phases, too', async () => {
  const hold = gate()
  const { post, runtime } = await openServed({ intention: { gate: hold.pass(), reply: {} } })
  const response = await post('/api/postchain/langchain', { user_query: 'Why?', thread_id: THREAD })
  const frames: Frame[] = []
  for await (const frame of readFrames(response)) {
    frames.push(frame)
    const { run_id, phase } = frame.data as { run_id?: string; phase?: string }
    if (phase === 'intention' && frames.length === 7) await runtime.engine.cancel(chain, run_id!, 'enough')
  }
  expect(brief(frames).slice(-4)).toEqual(['intention running', 'intention error', 'error cancelled', '[DONE]'])
})
const chain = { kind: 'chain', key: `ann:${THREAD}` }

it('goes on after the last event that was seen, each once, by its own address or by the same request again', async () => {
  const { post, get } = await openServed()
  const body = { user_query: 'What is the moon made of?', thread_id: THREAD }
  const key = { 'idempotency-key': 'one' }
  const seen: Frame[] = []
  for await (const frame of readFrames(await post('/api/postchain/langchain', body, { headers: key }))) {
    seen.push(frame)
    if (frame.id !== undefined && seen.length === 5) break
  }
  const { run_id } = seen[0]!.data as { run_id: string }
  const from = { 'last-event-id': seen.at(-1)!.id! }
  const path = `/api/postchain/langchain?thread_id=${THREAD}&run_id=${run_id}`
  const rest = await framesOf(await get(path, { headers: from }))
  const whole = await framesOf(await get(path))
  expect([...seen, ...rest]).toEqual(whole)
  expect(await framesOf(await post('/api/postchain/langchain', body, { headers: { ...key, ...from } }))).toEqual(rest)
  expect(await framesOf(await get(`${path}&after=${whole.at(-2)!.id}`))).toEqual([{ data: '[DONE]' }])
})

it('is read once for all who follow it at the same time', async () => {
  const hold = gate()
  const { post, get, runtime } = await openServed({ yield: { gate: hold.pass(), reply: 'the answer' } })
  const { askEvents } = runtime.threads
  let reads = 0
  Object.assign(runtime.threads, {
    askEvents(...asked: Parameters<typeof askEvents>) {
      reads++
      return askEvents(...asked)
    },
  })
  const first = readFrames(await post('/api/postchain/langchain', { user_query: 'Why?', thread_id: THREAD }))
  const frames = [(await first.next()).value as Frame]
  const { run_id } = frames[0]!.data as { run_id: string }
  const path = `/api/postchain/langchain?thread_id=${THREAD}&run_id=${run_id}`
  const others = await Promise.all(Array.from({ length: 20 }, () => get(path)))
  const read = others.map(framesOf)
  hold.release()
  for await (const frame of first) frames.push(frame)
  for (const one of await Promise.all(read)) expect(one).toEqual(frames)
  expect(reads).toBe(1)
})

it('is not cancelled when its client leaves', async () => {
  const hold = gate()
  const { post, get, runtime } = await openServed({ yield: { gate: hold.pass(), reply: 'the answer' } })
  const response = await post('/api/postchain/langchain', { user_query: 'Why?', thread_id: THREAD })
  let run = ''
  for await (const { data } of readFrames(response)) {
    run = (data as { run_id: string }).run_id
    break
  }
  expect(runtime.status().active).toEqual([{ kind: 'ask', id: run }])
  hold.release()
  const frames = await framesOf(await get(`/api/postchain/langchain?thread_id=${THREAD}&run_id=${run}`))
  expect(brief(frames).slice(-3)).toEqual(['yield complete', 'done completed', '[DONE]'])
})

it('tells a question that waits behind another when its turn comes', async () => {
  const hold = gate()
  const { post } = await openServed({ yield: [{ gate: hold.pass(), reply: 'one', times: 1 }, { reply: 'two' }] })
  const ask = (user_query: string) => post('/api/postchain/langchain', { user_query, thread_id: THREAD })
  const first = await ask('One?')
  const second = await ask('Two?')
  hold.release()
  const [one, two] = await Promise.all([framesOf(first), framesOf(second)])
  expect(last(one, 'yield')).toMatchObject({ content: 'one' })
  expect(last(two, 'yield')).toMatchObject({ content: 'two' })
})

it('has the models answer that a request names for its phases', async () => {
  const { chat } = await openServed({}, { 'other/big/one': { yield: 'from the other' } })
  const frames = await chat('Why?', { model_configs: { yield: { provider: 'other', model_name: 'big/one' } } })
  expect(last(frames, 'yield')).toMatchObject({ content: 'from the other', provider: 'other', model_name: 'big/one' })
  expect(last(frames, 'action')).toMatchObject({ provider: 'scripted' })
})

it.each<[string, object, string]>([
  ['no UUID', { thread_id: 'main' }, 'thread_id'],
  ['nothing to ask', { user_query: '' }, 'user_query'],
  ['no thread', { thread_id: undefined }, 'thread_id'],
  ['an unknown phase', { model_configs: { act: { provider: 'a', model_name: 'b' } } }, 'act'],
  [
    'a key',
    { model_configs: { yield: { provider: 'a', model_name: 'b', groq_api_key: 'gsk' } } },
    'not taken in requests',
  ],
  ['a temperature', { model_configs: { yield: { provider: 'a', model_name: 'b', temperature: 0 } } }, 'antiphon.yaml'],
  ['nothing that is known', { query: 'Why?' }, 'query'],
])('refuses %s', async (_, said, why) => {
  const { post, runtime } = await openServed()
  const response = await post('/api/postchain/langchain', { user_query: 'Why?', thread_id: THREAD, ...said })
  expect(response.status).toBe(400)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(await response.json()).toMatchObject({ code: 'invalid_input', detail: expect.stringContaining(why) })
  expect(await runtime.serving.ownerOfThread(`ann:${THREAD}`)).toBeUndefined()
})

it("answers as if another's thread were not there", async () => {
  const { chat, post, get, keyOf } = await openServed()
  const frames = await chat('Why?')
  const { run_id } = frames[0]!.data as { run_id: string }
  const bob = { key: await keyOf('bob') }
  for (const response of [
    await get(`/api/postchain/langchain?thread_id=${THREAD}&run_id=${run_id}`, bob),
    await get(`/api/postchain/langchain?thread_id=${OTHER_THREAD}&run_id=${run_id}`, bob),
  ]) {
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ code: 'not_found' })
  }
  const own = await post('/api/postchain/langchain', { user_query: 'Why?', thread_id: THREAD }, bob)
  expect((await framesOf(own))[0]!.data).toMatchObject({ thread_id: THREAD })
  for (const key of [undefined, bob.key])
    expect(await (await get(`/api/threads/${THREAD}`, { ...(key !== undefined && { key }) })).json()).toMatchObject({
      data: { thread: { id: THREAD, message_count: 1 } },
    })
})

it('says so before the stream begins when too many questions wait on the thread', async () => {
  const hold = gate()
  const { post, runtime } = await openServed({ action: { gate: hold.pass(), reply: 'one' } })
  const asks = Array.from({ length: 129 }, (_, n) => ({ prompt: `${n}?`, thread: THREAD, owner: 'ann' }))
  await Promise.all(asks.map((ask) => runtime.threads.startAsk(ask)))
  const response = await post('/api/postchain/langchain', { user_query: 'Why?', thread_id: THREAD })
  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBe('1')
  expect(await response.json()).toMatchObject({ code: 'busy' })
})
