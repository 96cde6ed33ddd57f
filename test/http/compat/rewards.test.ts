import { expect, it } from 'vitest'
import { framesOf, OTHER_THREAD, openServed, THREAD } from './served.ts'

it('tells the rewards of a shared question at its end, and answers about balances, priors and citations', async () => {
  const script = { yield: 'It shines <vid>v1</vid>.' }
  const { get, post, keyOf, runtime } = await openServed(script, {}, { ledger: { sharing: 'public' } })
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
  const notifications = (await json('/api/notifications?wallet_address=ann')) as { readonly vector_id: string }[]
  expect(notifications).toMatchObject([{ type: 'citation', recipient_wallet_address: 'ann' }])
  expect(JSON.stringify(notifications)).not.toContain('bob')
  expect(await json(`/api/vectors/${notifications[0]!.vector_id}`)).toMatchObject({
    content: 'Why does the moon shine?',
  })
  expect(await json('/api/users/ann')).toMatchObject({ data: { user: { id: 'ann' } } })
  expect((await get('/api/users/ann', { key: bob })).status).toBe(404)
  expect((await get('/api/balance/balance/ann', { key: bob })).status).toBe(403)
  expect((await post('/api/balance/mint_choir/ann', {})).status).toBe(405)
})
