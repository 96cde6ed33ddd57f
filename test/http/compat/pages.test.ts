import { expect, it } from 'vitest'
import { lastMessages } from '../../../src/http/compat/threads.ts'
import type { ThreadMessage } from '../../../src/thread/room/port.ts'

/** So many questions, of which every third has no answer; a message is said at a thousand times its number. */
function openThread(asked: number) {
  const numbers = Array.from({ length: 2 * asked }, (_, index) => index + 1).filter((n) => n % 6 !== 0)
  const all = numbers.map((n): ThreadMessage => {
    return { n, ask: `ask_${Math.ceil(n / 2)}`, role: n % 2 === 1 ? 'user' : 'assistant', text: `${n}`, at: n * 1000 }
  })
  const read = async ({ after, limit }: { readonly after: number; readonly limit: number }) =>
    all.filter(({ n }) => n > after).slice(0, limit)
  const last = async (query: { readonly limit: number; readonly before?: number | Date }) =>
    (await lastMessages(read, 2 * asked, query)).map(({ n }) => n)
  return { numbers, last }
}

it.each([1, 2, 3, 7, 50])('gives pages of %i, each once and in order, whatever has no answer', async (limit) => {
  const { numbers, last } = openThread(12)
  const pages: number[][] = []
  for (let before = 100; ; ) {
    const page = await last({ limit, before })
    if (page.length === 0) break
    pages.unshift(page)
    before = page[0]!
  }
  expect(pages.flat()).toEqual(numbers)
  expect(pages.slice(1).every(({ length }) => length === limit)).toBe(true)
})

it('gives the last ones, and those before a time', async () => {
  const { last } = openThread(12)
  expect(await last({ limit: 3 })).toEqual([21, 22, 23])
  expect(await last({ limit: 3, before: new Date(7000) })).toEqual([3, 4, 5])
  expect(await last({ limit: 3, before: new Date(1000) })).toEqual([])
  expect(await openThread(0).last({ limit: 3 })).toEqual([])
})
