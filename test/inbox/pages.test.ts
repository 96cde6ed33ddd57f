import { expect, test } from 'vitest'
import type { ActorListQuery, ListedActor } from '../../src/engine/engine.ts'
import { selectListed } from '../../src/engine/select.ts'
import { inboxMark, runtimeInbox } from '../../src/inbox/room/list-inbox.ts'
import { cursorOfItem } from '../../src/inbox/room/port.ts'
import { nameOf } from '../../src/kernel/ref.ts'
import type { ActorRef } from '../../src/kernel/types.ts'

const title = 'The provider does not answer.'

/** An inbox of steps and goals that wait in turn, which counts what is read. */
function openInbox(many: number) {
  const listed: { readonly [kind: string]: ListedActor[] } = { step: [], agent: [], chain: [] }
  const states = new Map<string, object>()
  for (let since = 0; since < many; since++) {
    const [kind, key] = since % 2 === 0 ? ['step', `run_${since}.ask`] : ['agent', `goal_${since}`]
    const wait = { type: 'model', title, since }
    listed[kind!]!.push({ key: key!, index: { inbox: 1, since, agent: 'clerk', run: key!.split('.')[0]! } })
    const run = { kind: 'run', key: `run_${since}` }
    states.set(
      `${kind}/${key}`,
      kind === 'step' ? { suspended: { run, providerWait: { title, since } } } : { status: 'waiting', wait },
    )
  }
  const read = { rows: 0, states: 0 }
  const view = {
    async list(kind: string, query: ActorListQuery) {
      const found = selectListed(listed[kind]!, query)
      read.rows += found.length
      return found
    },
    async peek(of: ActorRef) {
      read.states++
      return states.get(nameOf(of))
    },
  }
  const memory = { proposers: async () => [] }
  const from = { view } as never
  return { listed, read, list: runtimeInbox(from, memory as never), mark: () => inboxMark(from, memory as never) }
}

const sinceOf = (items: readonly { readonly since: number }[]) => items.map(({ since }) => since)

test('a page reads as much in a large inbox as in a small one', async () => {
  const reads = []
  for (const many of [200, 20_000]) {
    const { list, read } = openInbox(many)
    const page = await list({ limit: 50 })
    expect(sinceOf(page)).toEqual(Array.from({ length: 50 }, (_, since) => since))
    const next = await list({ limit: 50, after: cursorOfItem(page.at(-1)!) })
    expect(sinceOf(next)).toEqual(Array.from({ length: 50 }, (_, since) => 50 + since))
    reads.push({ ...read })
  }
  // 50 steps and 50 goals are listed for each page, and 25 of each are read, a step with its run
  expect(reads).toEqual([
    { rows: 200, states: 150 },
    { rows: 200, states: 150 },
  ])
})

test('the items of a run are found by its name', async () => {
  const { list, read } = openInbox(2000)
  expect(sinceOf(await list({ run: 'run_1200' }))).toEqual([1200])
  expect(read.rows).toBe(1)
})

test('a look at the inbox reads no item, and differs when one comes, goes or waits anew', async () => {
  const { listed, mark, read } = openInbox(2500)
  const before = await mark()
  expect(await mark()).toBe(before)
  const [gone] = listed.step!.splice(700, 1)
  const without = await mark()
  listed.step!.splice(700, 0, { ...gone!, index: { ...gone!.index, since: 9999 } })
  const anew = await mark()
  expect(new Set([before, without, anew]).size).toBe(3)
  expect(read.states).toBe(0)
})
