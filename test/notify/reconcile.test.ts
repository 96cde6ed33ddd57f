import { expect, test } from 'vitest'
import { type NoticeItem, noticeId } from '../../src/notify/item.ts'
import { receiversIn } from '../../src/notify/room/receivers.ts'
import { type Looked, reconcile } from '../../src/notify/room/watch.ts'

const receivers = [
  ...receiversIn({
    notify: [
      { url: 'https://all.example.com/', secret: 'secret://a' },
      { url: 'https://failed.example.com/', secret: 'secret://a', events: ['failed'] },
    ],
  }).values(),
]
const [all, failed] = receivers.map(({ id }) => id)
const item = (name: string, event: NoticeItem['event'] = 'approval'): NoticeItem => {
  return { id: noticeId([name]), event, kind: 'x', owner: 'local', since: 1 }
}
const noticeOf = (receiver: string | undefined, { id, event, since }: NoticeItem, status = 'pending') => {
  return { key: `${receiver}.${id}`, index: { event, since, status } }
}
const look = (looked: Partial<Looked>) =>
  reconcile({ notices: [], items: [], receivers, announced: new Set(), missing: new Set(), forgetBefore: 0, ...looked })

test('an item begins a notice for each receiver that wants it, once', () => {
  const items = [item('gate'), item('run', 'failed')]
  const keys = [...look({ items }).announce.keys()]
  expect(keys).toEqual([`${all}.${items[0]!.id}`, `${all}.${items[1]!.id}`, `${failed}.${items[1]!.id}`])
  expect([...look({ items, announced: new Set(keys) }).announce]).toEqual([])
  expect([...look({ items, notices: [noticeOf(all, items[0]!)] }).announce.keys()]).toEqual(keys.slice(1))
})

test('a notice ends when two looks have not found its item', () => {
  const notices = [noticeOf(all, item('gate')), noticeOf(all, item('done'), 'delivered')]
  const first = look({ notices })
  expect(first.over).toEqual([])
  expect(look({ notices, missing: first.missing }).over).toEqual(notices.map(({ key }) => key))
  expect(look({ notices, items: [item('gate')], missing: first.missing }).over).toEqual([notices[1]!.key])
})

test('the message about a failure is sent also when the failure is no longer looked for', () => {
  const of = (name: string, status: string) => noticeOf(all, item(name, 'failed'), status)
  const notices = [of('a', 'pending'), of('b', 'failed'), of('c', 'delivered')]
  const over = (forgetBefore: number) =>
    look({ notices, missing: new Set(notices.map(({ key }) => key)), forgetBefore }).over
  expect(over(0)).toEqual([notices[2]!.key])
  // given up long ago
  expect(over(2)).toEqual([notices[1]!.key, notices[2]!.key])
})
