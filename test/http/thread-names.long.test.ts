import { expect, it } from 'vitest'
import { createClient } from '../../src/client.ts'
import { until } from '../../src/testing/index.ts'
import { collect } from './bench.ts'
import { openServed } from './compat/served.ts'

const PROMPT = 'What is the moon made of?'

/** A server whose local user has a thread `main`, and a client for each of those who come over the network. */
async function openOwners() {
  const { runtime, base, keyOf, get } = await openServed({ yield: 'basalt' })
  await runtime.threads.ask({ thread: 'main', id: 'of-local', prompt: PROMPT })
  const clientOf = async (owner: string, admin = false) =>
    createClient({ url: base, key: await keyOf(owner, admin ? ['admin'] : ['read', 'ask', 'run']) })
  const follow = async (path: string) => get(path, { key: await keyOf('bob') })
  const clients = { ann: await clientOf('ann'), bob: await clientOf('bob'), boss: await clientOf('boss', true) }
  return { runtime, follow, ...clients }
}

const NOT_FOUND = { name: 'NotFoundError', code: 'not_found' }

it('each owner has a thread of that name, of which the others see nothing', async () => {
  const { ann, bob, runtime } = await openOwners()
  const other = { thread: 'main', id: 'of-ann', prompt: 'And its air?' }
  expect(await ann.threads.ask(other)).toMatchObject({ id: 'of-ann', thread: 'main', status: 'completed' })
  expect(await bob.threads.startAsk({ thread: 'main', id: 'of-bob', prompt: PROMPT })).toEqual({ id: 'of-bob' })
  expect((await collect(bob.threads.askEvents('main', 'of-bob'))).at(-1)).toMatchObject({ body: { type: 'ask-end' } })
  for (const [client, owner] of [
    [ann, 'ann'],
    [bob, 'bob'],
  ] as const) {
    const id = `of-${owner}`
    expect(await client.threads.list()).toMatchObject([{ id: 'main', owner, asked: 1 }])
    expect(await client.threads.get('main')).toMatchObject({ id: 'main', owner, asks: [{ id, thread: 'main' }] })
    expect(await client.threads.get(`${owner}:main`)).toMatchObject({ id: 'main', owner })
    expect(await client.threads.getAsk('main', id)).toMatchObject({ id, thread: 'main' })
    expect(await client.threads.trace(id)).toMatchObject({
      id,
      thread: 'main',
      phases: [{ cycle: 1 }, {}, {}, {}, {}, {}, {}],
    })
    expect((await client.threads.messages('main')).map(({ ask }) => ask)).toEqual([id, id])
  }
  await expect(ann.threads.getAsk('main', 'of-bob')).rejects.toMatchObject(NOT_FOUND)
  await expect(ann.threads.trace('of-bob')).rejects.toMatchObject(NOT_FOUND)
  expect(await runtime.threads.get('main')).toMatchObject({ owner: 'local', asked: 1 })
  expect(await runtime.threads.get('bob:main')).toMatchObject({ owner: 'bob', asked: 1 })
})

it("an admin says whose: to nobody else is another's there, nor begun", async () => {
  const { ann, bob, boss } = await openOwners()
  await ann.threads.ask({ thread: 'main', id: 'of-ann', prompt: PROMPT })
  for (const name of ['ann:main', 'ann:later', 'local:main', 'carl:main']) {
    await expect(bob.threads.get(name)).rejects.toMatchObject({ ...NOT_FOUND, message: `There is no thread ${name}.` })
    await expect(bob.threads.ask({ thread: name, prompt: PROMPT })).rejects.toMatchObject(NOT_FOUND)
    await expect(collect(bob.threads.askEvents(name, 'of-ann'))).rejects.toMatchObject(NOT_FOUND)
  }
  expect((await boss.threads.list()).map(({ id }) => id)).toEqual(['ann:main', 'local:main'])
  expect((await collect(boss.each('threads', { limit: 1 }))).map(({ id }) => id)).toEqual(['ann:main', 'local:main'])
  expect(await boss.threads.get('ann:main')).toMatchObject({
    id: 'ann:main',
    owner: 'ann',
    asks: [{ thread: 'ann:main' }],
  })
  expect(await boss.threads.get('local:main')).toMatchObject({ owner: 'local' })
  await expect(boss.threads.get('main')).rejects.toMatchObject(NOT_FOUND)
  expect(await boss.threads.ask({ thread: 'bob:later', prompt: PROMPT })).toMatchObject({ thread: 'bob:later' })
  expect(await bob.threads.get('later')).toMatchObject({ id: 'later', owner: 'bob' })
})

it('a thread that began under its bare name continues under it', async () => {
  const { runtime, ann, bob, boss } = await openOwners()
  await runtime.threads.ask({ thread: 'old', id: 'first', prompt: PROMPT, owner: 'ann' })
  expect(await ann.threads.ask({ thread: 'old', id: 'second', prompt: PROMPT })).toMatchObject({ thread: 'old' })
  expect(await ann.threads.get('old')).toMatchObject({ id: 'old', asked: 2 })
  expect(await boss.threads.get('ann:old')).toMatchObject({ id: 'ann:old', asked: 2 })
  expect(await runtime.serving.ownerOfThread('ann:old')).toBeUndefined()
  await expect(bob.threads.get('old')).rejects.toMatchObject(NOT_FOUND)
  expect(await bob.threads.ask({ thread: 'old', prompt: PROMPT })).toMatchObject({ thread: 'old' })
  expect((await collect(ann.each('threads', { limit: 1 }))).map(({ id }) => id)).toEqual(['old'])
})

it('money for a thread is for the one that its owner calls so', async () => {
  const { ann, bob, boss, runtime } = await openOwners()
  await ann.threads.ask({ thread: 'main', prompt: PROMPT })
  expect(await ann.budgets.set('thread/main', 2)).toMatchObject({ scope: 'thread/main' })
  expect(await ann.budgets.list()).toMatchObject([{ scope: 'thread/main', owner: 'ann', limit: 2 }])
  expect(await ann.budgets.raise('thread/main', 3)).toMatchObject({ scope: 'thread/main', limit: 3 })
  expect(await boss.budgets.list()).toMatchObject([{ scope: 'thread/ann:main' }])
  expect(await collect(boss.each('budgets', { limit: 1 }))).toHaveLength(1)
  expect(await runtime.budgets.get('thread/ann:main')).toMatchObject({ limit: 3 })
  for (const act of [bob.budgets.get('thread/ann:main'), bob.budgets.get('thread/main')])
    await expect(act).rejects.toMatchObject(NOT_FOUND)
  await ann.budgets.remove('thread/ann:main')
  expect(await ann.budgets.list()).toEqual([])
})

it("a step asks on its owner's thread", async () => {
  const { runtime, bob } = await openOwners()
  const text = `name: asks
steps:
  - { id: ask, action: chain, parameters: { prompt: "${PROMPT}", thread: main } }
`
  await bob.runs.start({ source: { name: 'asks', text }, id: 'asks' })
  await collect(bob.runs.events('asks'))
  expect(await runtime.runs.get('asks')).toMatchObject({ status: 'completed' })
  expect(await bob.threads.get('main')).toMatchObject({ asked: 1, owner: 'bob' })
  expect(await runtime.threads.get('main')).toMatchObject({ asked: 1, owner: 'local' })
})

it('a second follower of the same name follows their own', async () => {
  const { ann, bob, follow } = await openOwners()
  await bob.threads.ask({ thread: 'main', id: 'of-bob', prompt: PROMPT })
  const of = (ask: string) => follow(`/v1/threads/main/asks/${ask}/events`)
  const other = of('of-ann')
  await ann.threads.startAsk({ thread: 'main', id: 'of-ann', prompt: PROMPT })
  expect((await collect(ann.threads.askEvents('main', 'of-ann'))).at(-1)).toMatchObject({ body: { type: 'ask-end' } })
  expect((await other).status).toBe(404)
  // a reader may come a moment before its question
  const own = of('later')
  await bob.threads.startAsk({ thread: 'main', id: 'later', prompt: PROMPT })
  const { status, body } = await own
  expect(status).toBe(200)
  await body!.cancel()
})

it('a wait for a decision names the thread as its owner calls it', async () => {
  const { ann, boss } = await openOwners()
  await ann.threads.startAsk({ thread: 'main', id: 'of-ann', prompt: PROMPT, recursion: 'step' })
  await until(async () => (await ann.inbox.list()).length === 1)
  expect(await ann.inbox.list()).toMatchObject([{ thread: 'main', ask: 'of-ann' }])
  expect(await boss.inbox.list()).toMatchObject([{ thread: 'ann:main' }])
  expect(await collect(boss.each('inbox', { limit: 1 }))).toHaveLength(1)
  expect(await ann.inbox.decide('of-ann', { decision: 'yield' })).toMatchObject({ thread: 'main' })
  await collect(ann.threads.askEvents('main', 'of-ann'))
})

it('records that phases learn on a thread go with it, and a key without the scope memory adds none', async () => {
  const { runtime, ann } = await openOwners()
  const learned = async (owner: string) =>
    (await runtime.memory(owner).list({ space: 'learned' })).map(({ space }) => space).sort()
  expect(await learned('local')).toEqual(['learned', 'learned/main'])
  await ann.threads.ask({ thread: 'main', id: 'of-ann', prompt: PROMPT })
  expect(await learned('ann')).toEqual([])
  await runtime.threads.remove('main')
  expect(await learned('local')).toEqual(['learned'])
})
