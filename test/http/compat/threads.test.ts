import { expect, it } from 'vitest'
import { gate } from '../../../src/testing/index.ts'
import { framesOf, OTHER_THREAD, openServed, THREAD } from './served.ts'

type Message = { readonly id: string; readonly content: string; readonly created_at: string }
type Told = {
  readonly data: {
    readonly thread: { readonly id: string; readonly created_at: string }
    readonly messages: readonly Message[]
  }
}
const told = async (answer: Promise<Response>) => (await (await answer).json()) as Told

const NAMED = { name: 'The moon', user_id: 'u1' }

it('begins a thread, which is there before anything is asked on it, and is asked on', async () => {
  const { post, get, chat } = await openServed()
  const made = await told(post('/api/threads', NAMED))
  expect(made).toMatchObject({
    success: true,
    data: { thread: { name: 'The moon', user_id: 'ann', co_authors: ['ann'], message_count: 0 } },
  })
  const { id, created_at } = made.data.thread
  expect(new Date(created_at).toISOString()).toBe(created_at)
  expect(await (await get(`/api/threads/${id}`)).json()).toEqual(made)
  const messages = `/api/threads/${id}/messages`
  expect(await (await get(messages)).json()).toEqual({ success: true, data: { messages: [] } })
  const frames = await chat('What is the moon made of?', { thread_id: id })
  const { run_id } = frames[0]!.data as { run_id: string }
  expect(await (await get(messages)).json()).toMatchObject({
    success: true,
    data: {
      messages: [
        { id: '1', role: 'user', content: 'What is the moon made of?', thread_id: id, run_id },
        { id: '2', role: 'assistant', content: 'the answer v1', thread_id: id, run_id },
      ],
    },
  })
  expect((await told(get(`/api/threads/${id}`))).data.thread).toMatchObject({
    ...{ name: 'The moon', created_at, message_count: 1 },
  })
})

it('begins one thread for the same request twice', async () => {
  const { post } = await openServed()
  const headers = { 'idempotency-key': 'one' }
  const [one, two] = [await post('/api/threads', NAMED, { headers }), await post('/api/threads', NAMED, { headers })]
  expect(await one.json()).toEqual(await two.json())
  expect((await post('/api/threads', { name: 'Another' }, { headers })).status).toBe(422)
})

it('tells the last messages, and those before one of them', async () => {
  const { chat, get } = await openServed()
  for (const question of ['One?', 'Two?', 'Three?']) await chat(question)
  const page = async (query: string) => {
    return (await told(get(`/api/threads/${THREAD}/messages?${query}`))).data.messages
  }
  const last = await page('limit=2')
  expect(last.map(({ content }) => content)).toEqual(['Three?', 'the answer v1'])
  expect((await page(`limit=3&before=${last[0]!.id}`)).map(({ id }) => id)).toEqual(['2', '3', '4'])
  expect((await page(`before=${last[0]!.created_at}`)).map(({ id }) => id)).toEqual(['1', '2', '3', '4'])
  expect((await get(`/api/threads/${THREAD}/messages?before=yesterday`)).status).toBe(400)
})

/** A failure that no wait mends. */
const DECLINED = Object.assign(new Error('content_policy'), { statusCode: 400 })

it('says how a thread stands: never asked, on its way, over, or not there', async () => {
  const hold = gate()
  const { chat, post, runtime } = await openServed({
    intention: { gate: hold.pass(), reply: { explicitIntent: 'to know', confidence: 0.8 } },
    yield: [{ reply: 'so', times: 1 }, { error: DECLINED }],
    action: [{ reply: 'first', times: 1 }, { error: DECLINED }],
  })
  const recover = async (thread_id: string) => (await post('/api/postchain/recover', { thread_id })).json()
  expect(await recover(THREAD)).toEqual({
    ...{ status: 'not_found', thread_id: THREAD, message: expect.any(String) },
  })
  await runtime.threads.open({ id: `ann:${THREAD}`, owner: 'ann' })
  expect(await recover(THREAD)).toMatchObject({ status: 'recovered', phase_states: {}, message_count: 0 })

  const response = await post('/api/postchain/langchain', { user_query: 'Why?', thread_id: THREAD })
  const frames = framesOf(response)
  for await (const { body } of runtime.threads.askEvents(`ann:${THREAD}`, runtime.status().active[0]!.id))
    if ((body as { phase?: string }).phase === 'intention') break
  expect(await recover(THREAD)).toEqual({
    ...{ status: 'recovered', thread_id: THREAD, run_id: expect.any(String), error: null, message_count: 1 },
    phase_states: {
      ...{ action: 'complete', experience_vectors: 'skipped', experience_web: 'skipped', intention: 'processing' },
    },
    current_phase: 'intention',
  })
  hold.release()
  await frames
  expect(await recover(THREAD)).toMatchObject({
    ...{ current_phase: 'yield', phase_states: { yield: 'complete', intention: 'complete' }, error: null },
  })
  await chat('Once more?')
  expect(await recover(THREAD)).toMatchObject({
    ...{ current_phase: 'action', phase_states: { action: 'error' }, error: expect.any(String), message_count: 2 },
  })
})

it("keeps another's thread from everybody else", async () => {
  const { chat, get, post, keyOf, runtime } = await openServed()
  await chat('Why?')
  const bob = { key: await keyOf('bob') }
  for (const path of [`/api/threads/${THREAD}`, `/api/threads/${THREAD}/messages`, `/api/threads/${OTHER_THREAD}`]) {
    const response = await get(path, bob)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ code: 'not_found' })
  }
  expect(await (await post('/api/postchain/recover', { thread_id: THREAD }, bob)).json()).toMatchObject({
    status: 'not_found',
  })
  const key = `ann:${THREAD}`
  await expect(runtime.threads.open({ id: key, owner: 'bob' })).rejects.toMatchObject({ code: 'not_found' })
  await runtime.threads.open({ id: key, owner: 'ann' })
  expect((await told(get(`/api/threads/${THREAD}`))).data.thread).toMatchObject({ message_count: 1 })
})

it('takes no first message without a question', async () => {
  const { post } = await openServed()
  const response = await post('/api/threads', { ...NAMED, initial_message: 'Hello' })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ detail: expect.stringContaining('/api/postchain/langchain') })
})
