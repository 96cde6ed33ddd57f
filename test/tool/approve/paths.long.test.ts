import { expect, test } from 'vitest'
import { answerAll, openShop } from './bench.ts'
import { PATHS } from './paths.ts'

const ROWS = Object.entries(PATHS)
/** Paths on which a policy asks for every call, too. */
const ASKS_ALWAYS = ['round with a list that names it', 'tools.call with a name to approve']

/** Goes a path, answers what it asks, and says what was asked and made. */
async function go(name: string, cents: number, action: 'approve' | 'reject') {
  const { script = () => [], act } = PATHS[name]!
  const shop = await openShop(script(cents))
  await act(shop, cents)
  const before = shop.refunds()
  const asked = await answerAll(shop.runtime, { action })
  return { before, asked: asked.filter((title) => /^Call (fast-)?refund\?/.test(title)), made: shop.refunds() }
}

test.each(ROWS)('%s: a call above the limit is made once, after one question', async (name, { calls = 1 }) => {
  const { before, asked, made } = await go(name, 9000, 'approve')
  expect({ before, asked: asked.length, made }).toEqual({ before: [], asked: calls, made: Array(calls).fill('9000') })
})

test('a refund above the limit waits and is made once if a person approves it, and others never wait', async () => {
  const drawn = new Map<string, number>()
  let seed = Number(process.env.ANTIPHON_SEED ?? 54)
  const draw = (most: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return (seed >>> 8) % most
  }
  const rounds = Number(process.env.ANTIPHON_FUZZ ?? 2)
  const todo = Array.from({ length: rounds }, () => ROWS.map(([name]) => name)).flat()
  while (todo.length > 0) {
    const [name] = todo.splice(draw(todo.length), 1) as [string]
    const cents = draw(2) === 0 ? 1 + draw(5000) : 5001 + draw(5000)
    const action = draw(3) === 0 ? 'reject' : 'approve'
    const { calls = 1 } = PATHS[name]!
    const isAsked = cents > 5000 || ASKS_ALWAYS.includes(name)
    const found = await go(name, cents, action)
    const made = isAsked && action === 'reject' ? 0 : calls
    const drew = `${name}, ${cents}, ${action}`
    expect([drew, found.asked.length, found.made.length]).toEqual([drew, isAsked ? calls : 0, made])
    drawn.set(name, (drawn.get(name) ?? 0) + 1)
  }
  expect(Object.fromEntries(drawn)).toEqual(Object.fromEntries(ROWS.map(([name]) => [name, rounds])))
}, 600_000)
