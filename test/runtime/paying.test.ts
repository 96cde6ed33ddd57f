import { expect, it } from 'vitest'
import { RetryableError, TimeoutError } from '../../src/errors.ts'
import type { Price } from '../../src/model/choose.ts'
import type { Models } from '../../src/model/models.ts'
import { withSpent } from '../../src/model/spent.ts'
import type { Lender } from '../../src/runtime/budgets/lender.ts'
import { payingModels } from '../../src/runtime/budgets/paying.ts'

const { signal } = new AbortController()
const payer = { id: 'c1', by: 'phase/t', of: ['thread/t'] }
const audio = { mediaType: 'audio/wav', data: '' }
const embedded = { model: 'lab/one', vectors: [], usage: { input: 10, output: 0 }, cost: 0.01 }

/** Models of a price, and what is reserved and counted for their calls, in dollars. */
function openShop(price: Price | undefined, embed: Models['embed'] = async () => embedded) {
  const told: [what: string, dollars: number][] = []
  const lender: Lender = {
    pursesOf: async ({ of }) => of.map((scope) => ({ scope, owner: 'local' })),
    reserve: async (_payer, _purses, amount) => void told.push(['reserve', amount / 1_000_000]),
    settle: async (_payer, _purses, spent) => void told.push(['settle', spent / 1_000_000]),
  }
  const models = {
    priceOf: () => price,
    embed,
    transcribe: async () => ({ text: 'tide', model: 'lab/one', segments: [] }),
    speak: async () => ({ model: 'lab/one', audio }),
  } as unknown as Models
  return { told, ...payingModels(models, lender) }
}

const PRICE = { input: 1000, output: 0 }
const texts = ['four', 'six...']

it('vectors are paid as they are made: the worst case before, what they took after', async () => {
  const { told, embed } = openShop(PRICE)
  expect(await embed({ model: 'lab/one', texts }, { signal, payer })).toEqual(embedded)
  expect(told).toEqual([
    ['reserve', 0.005],
    ['settle', 0.01],
  ])
})

it.each([
  [new RetryableError('down'), 0],
  [
    withSpent(new RetryableError('half of it'), { model: 'lab/one', usage: { input: 2, output: 0 }, cost: 0.002 }),
    0.002,
  ],
  [new TimeoutError('late', { code: 'model_timeout' }), 0.005],
])('of vectors that fail what they took is counted: %s', async (failure, spent) => {
  const { told, embed } = openShop(PRICE, () => Promise.reject(failure))
  await expect(embed({ model: 'lab/one', texts }, { signal, payer })).rejects.toBe(failure)
  expect(told.at(-1)).toEqual(['settle', spent])
})

it('what is free, and what nobody pays for, is not asked of a budget', async () => {
  const [free, dear] = [openShop({ input: 0, output: 0 }), openShop(PRICE)]
  await free.embed({ model: 'lab/one', texts }, { signal, payer })
  await free.transcribe({ model: 'lab/one', audio }, { signal, payer })
  await dear.embed({ model: 'lab/one', texts }, { signal })
  await dear.speak({ model: 'lab/one', text: 'tide' }, { signal })
  expect([...free.told, ...dear.told]).toEqual([])
})

it('a budget is not kept by what has no price in tokens', async () => {
  const { told, transcribe, speak } = openShop(PRICE)
  const refused = { code: 'no_price', message: expect.stringContaining('the budget thread/t cannot be kept') }
  await expect(transcribe({ model: 'lab/one', audio }, { signal, payer })).rejects.toMatchObject(refused)
  await expect(speak({ model: 'lab/one', text: 'tide' }, { signal, payer })).rejects.toMatchObject(refused)
  const { embed } = openShop(undefined)
  await expect(embed({ model: 'lab/one', texts }, { signal, payer })).rejects.toMatchObject({ code: 'no_price' })
  expect(told).toEqual([])
})
