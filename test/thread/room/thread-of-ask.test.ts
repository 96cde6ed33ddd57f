import { expect, it } from 'vitest'
import type { Caller } from '../../../src/http/authorize/caller.ts'
import { scopedRuntime } from '../../../src/http/authorize/scoped-runtime.ts'
import type { ServedRuntime } from '../../../src/runtime/ports.ts'
import { until } from '../../../src/testing/index.ts'
import { threadOfAsk } from '../../../src/thread/room/decisions.ts'
import type { SearchedThread } from '../../../src/thread/room/port.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'

const TEXTS = [{ name: 'notes.md', text: 'The ship leaves the harbour at noon.' }]
const PROMPT = 'When does the ship leave?'
const LONG = `${PROMPT} ${'The harbour is old. '.repeat(70)}`

const ask = (
  runtime: ServedRuntime,
  thread: string,
  id: string,
  more: { readonly owner?: string; readonly prompt?: string } = {},
) => runtime.threads.ask({ thread, id, prompt: PROMPT, texts: TEXTS, ...more })

/** How threads are looked for, with what was looked at; `forgets`: ids are not remembered any more. */
function lookingAt({ engine }: ServedRuntime, { forgets = false } = {}) {
  const looked: string[] = []
  const { list, parts, asked } = engine.view
  const view: ServedRuntime['engine']['view'] = {
    ...engine.view,
    asked: async (id) => (forgets ? undefined : asked(id)),
    list(kind, query) {
      looked.push(`list ${Object.keys(query?.where ?? {})}`)
      return list(kind, query)
    },
    parts(of, page) {
      looked.push(`part of ${of.key}`)
      return parts(of, page)
    },
  }
  return { looked, threadOfAsk: (...given: [ask: string, where?: SearchedThread]) => threadOfAsk(view, ...given) }
}

it('a question is found by its id at one look, however many threads there are', async () => {
  const runtime = await openFolder().open()
  for (const n of [1, 2, 3, 4]) await ask(runtime, `t${n}`, `ask_${n}`)
  const { looked, threadOfAsk } = lookingAt(runtime)
  expect(await threadOfAsk('ask_2')).toBe('t2')
  expect(looked).toEqual(['part of t2'])
})

it('an old one is found by what it waits for, on the newest threads, or on the one that is named', async () => {
  const runtime = await openFolder().open()
  await ask(runtime, 'old', 'first', { prompt: LONG })
  await ask(runtime, 'old', 'second')
  await runtime.threads.startAsk({ thread: 'waits', id: 'third', prompt: PROMPT, texts: TEXTS, recursion: 'step' })
  await until(async () => (await runtime.inbox.list()).length === 2)
  await ask(runtime, 'of-ann', 'fourth', { owner: 'ann' })
  const { looked, threadOfAsk } = lookingAt(runtime, { forgets: true })
  expect(await threadOfAsk('third')).toBe('waits')
  expect(await threadOfAsk('second')).toBe('old')
  expect(looked).toEqual(['list inbox,waits', 'list inbox,waits', 'list inbox,consent'])
  expect(await threadOfAsk('first')).toBe('old')
  expect(await threadOfAsk('none')).toBeUndefined()
  looked.length = 0
  expect(await threadOfAsk('first', { thread: 'old' })).toBe('old')
  expect(await threadOfAsk('first', { thread: 'waits' })).toBeUndefined()
  expect(looked).toEqual(['part of old', 'part of waits'])
  looked.length = 0
  expect(await threadOfAsk('first', { owner: 'ann' })).toBeUndefined()
  expect(looked.slice(2)).toEqual(['list aside,owner', 'part of of-ann'])
})

it('for a decision or a consent over the network the thread is searched once, unless it is named', async () => {
  const runtime = await openFolder().open()
  await ask(runtime, 'ann:main', 'one', { owner: 'ann', prompt: LONG })
  await runtime.threads.startAsk({
    thread: 'ann:main',
    id: 'two',
    owner: 'ann',
    prompt: PROMPT,
    texts: TEXTS,
    recursion: 'step',
  })
  await until(async () => (await runtime.inbox.list()).length === 2)
  const asked: unknown[] = []
  const counting: ServedRuntime = {
    ...runtime,
    serving: {
      ...runtime.serving,
      threadOfAsk(id, where) {
        asked.push([id, where])
        return runtime.serving.threadOfAsk(id, where)
      },
    },
  }
  const as = (owner: string): Caller => ({ owner, key: 'k1', scopes: ['read', 'ask'], local: false })
  const [ann, bob] = [scopedRuntime(counting, as('ann')), scopedRuntime(counting, as('bob'))]
  expect(await ann.inbox.consent('two', [{ message: 1, answer: 'keep' }])).toMatchObject([{ inPrompts: 'whole' }])
  expect(await ann.inbox.decide('two', { decision: 'accept' }, { thread: 'main' })).toMatchObject({ thread: 'main' })
  expect(asked).toEqual([
    ['two', { owner: 'ann' }],
    ['two', { thread: 'ann:main' }],
  ])
  for (const thread of ['main', 'ann:main'])
    await expect(bob.inbox.consent('one', [{ message: 1, answer: 'remove' }], { thread })).rejects.toMatchObject({
      code: 'not_found',
    })
})
