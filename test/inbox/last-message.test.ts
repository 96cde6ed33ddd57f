import { expect, it } from 'vitest'
import { z } from 'zod'
import type { KeyScope } from '../../src/house/scope.ts'
import { scopedRuntime } from '../../src/http/authorize/scoped-runtime.ts'
import { isStep } from '../../src/inbox/room/port.ts'
import { defineTool } from '../../src/index.ts'
import { until } from '../../src/testing/until.ts'
import { CLERK, openGoals } from '../agent/goal/folder.ts'
import { PHOTO } from '../ui/photo.ts'

const refund = defineTool({
  ...{ name: 'refund', description: 'Pays money back', effect: 'at-most-once', approve: true },
  input: z.object({ order: z.string() }),
  execute: () => 'paid',
})
const AGENT = { ...CLERK, tools: ['refund'], approve: 'none' as const }

it('shows what the customer wrote last to callers with `read`, and reads each conversation once', async () => {
  const script = [{ calls: [{ name: 'refund', input: { order: 'lamp' } }] }]
  const { runtime } = await openGoals(script, '', { tools: [refund] })
  const photo = async (owner: string) => (await runtime.files.add(PHOTO, { owner, name: 'lamp.png' })).file
  const post = (text: string, owner = 'ann', files: readonly string[] = []) =>
    runtime.conversations.post({ agent: AGENT, conversation: `${owner}:order-7`, owner, text, files })
  await post('My lamp is broken.')
  const count = (many: number) => until(async () => (await runtime.inbox.list()).length === many)
  await count(1)
  await post(`It is still ${'very '.repeat(200)}broken.`)
  await count(2)
  await post('Mine, too.', 'bob', [await photo('bob')])
  await count(3)

  const { engine } = runtime
  const reads: string[] = []
  const peek: typeof engine.view.peek = (of) => {
    reads.push(of.kind)
    return engine.view.peek(of)
  }
  const watched = {
    ...runtime,
    engine: {
      ...engine,
      view: { ...engine.view, peek },
    },
  }
  const inboxOf = (owner: string, scopes: readonly KeyScope[], more = {}) =>
    scopedRuntime(watched as typeof runtime, { owner, key: 'k', scopes, local: false, ...more }).inbox
  const staff = { staff: { name: 'sue', owners: ['ann', 'bob'] } }
  const { items } = await inboxOf('sue', ['read', 'approve'], staff).list({ limit: 10 })
  const beginning = `It is still ${'very '.repeat(200)}`.slice(0, 500)
  const shown = items.map(
    (item) => isStep(item) && [item.owner, item.lastMessage, item.lastFiles?.map(({ name }) => name)],
  )
  expect(shown).toEqual([
    ['ann', `${beginning}…`, undefined],
    ['ann', `${beginning}…`, undefined],
    ['bob', 'Mine, too.', ['lamp.png']],
  ])
  expect(reads).toEqual(['chain', 'chain'])
  const answering = await inboxOf('sue', ['approve'], staff).list({ limit: 10 })
  expect([answering.items.length, /Mine|lamp.png/.test(JSON.stringify(answering))]).toEqual([3, false])
  await inboxOf('sue', ['read'], staff).list({ limit: 10, content: 'none' })
  expect(reads).toHaveLength(2)
})
