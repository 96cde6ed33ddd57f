import { expect, it } from 'vitest'
import { framesOf, OTHER_THREAD, openServed, THREAD } from './served.ts'

it('tells the rewards of a shared question at its end, and answers about balances, priors and citations', async () => {
  const script = { yield: 'It shines <vid>v1</vid>.' }
  const { base, get, post, keyOf, runtime } = await openServed(script, {}, { ledger: { sharing: 'public' } })
  const ask = async (thread_id: string, key: string, more: object) => {
    const body = { user_query: 'Why does the moon shine?', thread_id, ...more }
    const frames = await framesOf(await post('/api/postchain/langchain', body, { key }))
    return frames.find(({ event }) => event === 'done')!.data
  }
  const [ann, bob] = [await keyOf('ann'), await keyOf('bob')]
  expect(await ask(THREAD, ann, { share: true })).toMatchObject({
    max_similarity: 0,
    novelty_reward: 100,
    citation_reward: 0,
  })
  expect(await ask(OTHER_THREAD, bob, { priors: true })).toMatchObject({ citation_reward: 5 })
  await runtime.idle()
  const json = async (path: string, key = ann) => (await get(path, { key })).json()
  expect(await json('/api/balance/balance/ann')).toEqual({ address: 'ann', balance: 105 })
  const listed = async () => {
    const { data } = (await json('/api/notifications')) as { readonly data: { readonly notifications: Notification[] } }
    return data.notifications
  }
  const notifications = await listed()
  expect(notifications).toMatchObject([{ type: 'citation', recipient_wallet_address: 'ann', read: false }])
  expect(JSON.stringify(notifications)).not.toMatch(/\bbob\b/)
  expect(await json(`/api/vectors/${notifications[0]!.vector_id}`)).toMatchObject({
    data: { content: 'Why does the moon shine?', created_at: expect.any(String) },
  })
  const read = `/api/notifications/${notifications[0]!.id}/read`
  expect((await post(read, {}, { key: bob })).status).toBe(404)
  expect((await post('/api/notifications/1/read', {}, { key: ann })).status).toBe(404)
  expect(await listed()).toEqual(notifications)
  for (let times = 0; times < 2; times++) expect((await post(read, {}, { key: ann })).status).toBe(200)
  expect(await listed()).toEqual([{ ...notifications[0], read: true }])
  // a program pays for what a completed question has found, and for nothing else
  const [prior] = notifications.map(({ vector_id }) => vector_id)
  const asksOf = async (owner: string) => {
    const [thread] = await runtime.threads.list({ owner })
    return (await runtime.threads.get(thread!.id)).asks
  }
  const [bobs, anns] = [(await asksOf('bob'))[0]!.id, (await asksOf('ann'))[0]!.id]
  const pay = (citingAsk: string, value: string) => runtime.recordCitation({ citedRecord: prior!, citingAsk, value })
  await expect(pay(bobs, '7')).rejects.toMatchObject({ code: 'operation_conflict' })
  expect(await pay(bobs, '5000000000')).toMatchObject({ op: `citation:${bobs}:${prior}` })
  await expect(pay(anns, '7')).rejects.toMatchObject({ code: 'not_retrieved' })
  await expect(pay('nobody', '7')).rejects.toMatchObject({ code: 'not_found' })
  // who has agreed once shares without a word, unless a question says otherwise
  const headers = { authorization: `Bearer ${bob}`, 'content-type': 'application/json' }
  const agreed = await fetch(`${base}/v1/ledger/sharing`, { method: 'PUT', headers, body: '{"agreed":true}' })
  expect(await agreed.json()).toMatchObject({ owner: 'bob', agreed: true })
  expect(await json('/v1/ledger/sharing')).toEqual({ owner: 'ann', agreed: false })
  expect(await ask(OTHER_THREAD, bob, { share: false })).not.toHaveProperty('novelty_reward')
  expect(await ask(OTHER_THREAD, bob, {})).toMatchObject({ max_similarity: 1, novelty_reward: 0 })
  expect(await ask(THREAD, ann, {})).not.toHaveProperty('novelty_reward')
  expect((await asksOf('bob')).map(({ shared }) => shared)).toEqual([undefined, undefined, 'agreed'])
  await runtime.threads.startAsk({ thread: 'step', owner: 'bob', id: 'ask_open', prompt: 'Why?', recursion: 'step' })
  await expect(pay('ask_open', '7')).rejects.toMatchObject({ code: 'ask_not_completed' })
  expect(await json('/api/balance/balance/ann')).toEqual({ address: 'ann', balance: 105 })
  await runtime.priors.forgetOwner('bob', { dryRun: false })
  expect(await json('/v1/ledger/sharing', bob)).toEqual({ owner: 'bob', agreed: false })
  expect((await get('/api/balance/balance/ann', { key: bob })).status).toBe(403)
  expect((await post('/api/balance/mint_choir/ann?amount=1000', {})).status).toBe(405)
  expect(await json('/api/balance/balance/ann')).toMatchObject({ balance: 105 })
})

type Notification = { readonly id: string; readonly vector_id: string }

it('answers about users, their threads and the vectors of their memory, to their owner only', async () => {
  const { get, post, keyOf, runtime } = await openServed()
  const [ann, bob] = [await keyOf('ann', ['read', 'ask', 'memory']), await keyOf('bob', ['admin'])]
  const json = async (answer: Promise<Response>) => (await (await answer).json()) as { readonly data: { id?: string } }
  const keys = (await runtime.access.keys.list()).length
  const user = { success: true, data: { user: { id: 'ann', public_key: 'ann' } } }
  expect(await json(post('/api/users', { public_key: '0xabc' }))).toEqual(user)
  expect(await json(get('/api/users/ann'))).toEqual(user)
  expect(await runtime.access.keys.list()).toHaveLength(keys)
  await runtime.threads.open({ id: `ann:${THREAD}`, owner: 'ann', name: 'The moon' })
  await runtime.threads.open({ id: `bob:${THREAD}`, owner: 'bob' })
  const thread = { id: THREAD, name: 'The moon', user_id: 'ann', message_count: 0 }
  expect(await json(get('/api/users/ann/threads'))).toMatchObject({ data: { threads: [thread] } })
  expect(await json(get('/api/users/bob/threads', { key: bob }))).toMatchObject({ data: { threads: [{ id: THREAD }] } })
  const metadata = { phase: 'yield' }
  const stored = await json(post('/api/vectors/store', { content: 'It shines.', metadata }, { key: ann }))
  expect(await json(post('/api/vectors/store', { content: 'It shines.', metadata }, { key: ann }))).toEqual(stored)
  const point = `/api/vectors/${stored.data.id}`
  expect(await json(get(point))).toMatchObject({ data: { id: stored.data.id, content: 'It shines.', metadata } })
  expect(await runtime.memory('ann').stats()).toMatchObject({ records: 1 })
  // without an encoder no vector can be compared, and a search says so instead of finding nothing
  for (const [path, body] of [
    ['search', { query_vector: [1, 0] }],
    ['store', { content: 'New.', vector: [1, 0] }],
  ] as const) {
    const refused = await post(`/api/vectors/${path}`, body, { key: ann })
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({
      code: 'not_comparable',
      hint: expect.stringContaining('/v1/memory/search'),
    })
  }
  expect(await runtime.memory('ann').stats()).toMatchObject({ records: 1 })
  for (const path of ['/api/users/ann', '/api/users/ann/threads', point])
    expect((await get(path, { key: bob })).status).toBe(404)
})
