import { expect, it } from 'vitest'
import { payingModels } from '../../../src/budget/room/charging/metered.ts'
import type { Reservations } from '../../../src/budget/room/charging/reservations.ts'
import { RetryableError, TimeoutError } from '../../../src/errors.ts'
import type { Price } from '../../../src/model/cost/price.ts'
import { withFailedUsage } from '../../../src/model/cost/usage.ts'
import type { Models } from '../../../src/model/models.ts'
import { compileForm, type PromptForm } from '../../../src/model/prompt/prompt-form.ts'
import { gate } from '../../../src/testing/gate.ts'
import { UNKNOWN_OFFERS } from '../../../src/worker/capabilities.ts'
import { wavOf } from '../../model/wav.ts'

const { signal } = new AbortController()
const payer = { id: 'c1', by: 'phase/t', of: ['thread/t'] }
const audio = { mediaType: 'audio/wav', data: '' }
const embedded = { model: 'lab/one', vectors: [], usage: { input: 10, output: 0 }, cost: 0.01 }

/** Models of a price, and what is reserved and counted for their calls, in dollars. */
function openShop(
  price: Price | undefined,
  embed: Models['embed'] = async () => embedded,
  generate?: Models['generate'],
  form?: PromptForm,
  sound: Partial<Pick<Models, 'transcribe' | 'speak' | 'promptCacheOf'>> = {},
) {
  const told: [what: string, dollars: number][] = []
  const reservations: Reservations = {
    budgetsOf: async ({ of }) => of.map((scope) => ({ scope, owner: 'local' })),
    reserve: async (_payer, _budgets, amount) => void told.push(['reserve', amount / 1_000_000]),
    settle: async (_payer, _budgets, spent) => void told.push(['settle', spent / 1_000_000]),
  }
  const models = {
    default: { id: 'lab/one' },
    offersOf: () => UNKNOWN_OFFERS,
    priceOf: () => price,
    embed,
    generate,
    formOf: async () => form && compileForm(form),
    promptCacheOf: () => 'off' as const,
    transcribe: async () => ({ text: 'tide', model: 'lab/one', segments: [] }),
    speak: async () => ({ model: 'lab/one', audio }),
    ...sound,
  } as unknown as Models
  return { told, ...payingModels(models, reservations) }
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
    withFailedUsage(new RetryableError('half of it'), {
      model: 'lab/one',
      usage: { input: 2, output: 0 },
      cost: 0.002,
    }),
    0.002,
  ],
  [new TimeoutError('late', { code: 'model_timeout' }), 0.005],
])('failed vectors count their usage: %s', async (failure, spent) => {
  const { told, embed } = openShop(PRICE, () => Promise.reject(failure))
  await expect(embed({ model: 'lab/one', texts }, { signal, payer })).rejects.toBe(failure)
  expect(told.at(-1)).toEqual(['settle', spent])
})

it('free calls, and calls without a payer, ask no budget', async () => {
  const [free, dear] = [openShop({ input: 0, output: 0 }), openShop(PRICE)]
  await free.embed({ model: 'lab/one', texts }, { signal, payer })
  await free.transcribe({ model: 'lab/one', audio }, { signal, payer })
  await dear.embed({ model: 'lab/one', texts }, { signal })
  await dear.speak({ model: 'lab/one', text: 'tide' }, { signal })
  expect([...free.told, ...dear.told]).toEqual([])
})

it.each<[what: string, price: Price | undefined]>([
  ['nothing at all', undefined],
  ['of tokens alone', PRICE],
  ['of the other', { minute: 1 }],
])('a budget is not kept by speech with the price %s', async (_, price) => {
  const { told, speak } = openShop(price)
  await expect(speak({ model: 'lab/one', text: 'tide' }, { signal, payer })).rejects.toMatchObject({
    code: 'no_price',
    message: 'The budget thread/t cannot be enforced: the price of speech of the model lab/one is unknown.',
    hint: expect.stringContaining(
      'in dollars for a million characters: models: [{ id: lab/one, cost: { characters: 15 } }]',
    ),
  })
  expect(told).toEqual([])
})

it('a budget counts neither recordings nor texts if only the price of speech is known', async () => {
  const { told, transcribe, embed } = openShop({ characters: 15 })
  await expect(transcribe({ model: 'lab/one', audio }, { signal, payer })).rejects.toMatchObject({
    code: 'no_price',
    message: expect.stringContaining('the price of a minute of a recording with the model lab/one'),
    hint: expect.stringContaining('cost: { minute: 0.006 }'),
  })
  await expect(embed({ model: 'lab/one', texts }, { signal, payer })).rejects.toMatchObject({
    code: 'no_price',
    hint: expect.stringContaining('cost: { input: 3, output: 15 }'),
  })
  expect(told).toEqual([])
})

it('a recording is paid by its length at most before, and by what it took after; a text by its characters', async () => {
  const minute = { mediaType: 'audio/wav', data: wavOf(480_000).toString('base64') }
  const { told, transcribe, speak } = openShop({ minute: 2, characters: 500_000 }, undefined, undefined, undefined, {
    transcribe: async () => ({ text: 'tide', model: 'lab/one', segments: [], cost: 1.5 }),
    speak: () => Promise.reject(new TimeoutError('late', { code: 'model_timeout' })),
  })
  await transcribe({ model: 'lab/one', audio: minute }, { signal, payer })
  await speak({ model: 'lab/one', text: 'tide' }, { signal, payer }).catch(() => {})
  expect(told).toEqual([
    ['reserve', 2],
    ['settle', 1.5],
    ['reserve', 2],
    ['settle', 2],
  ])
})

it('sound that is free by its own price is not asked of a budget, whatever tokens cost', async () => {
  const { told, transcribe } = openShop({ ...PRICE, minute: 0 })
  await transcribe({ model: 'lab/one', audio }, { signal, payer })
  expect(told).toEqual([])
})

const request = { task: { kind: 'write' }, documents: [], instruction: 'go', model: 'lab/one', maxTokens: 100 } as const
const late = new TimeoutError('late', { code: 'model_timeout' })
const EACH = { input: 0, output: 1000 }

/** What is counted for a call of a model that ends so; a listener hears eight letters before. */
async function countedFor(generate: Models['generate'], asked: object = {}, given: object = {}) {
  const { told, ...models } = openShop(EACH, undefined, generate)
  await models.generate({ ...request, ...asked }, { signal, payer, ...given }).catch(() => {})
  return told.map(([, dollars]) => dollars)
}

it.each([
  ['off', 1],
  ['5m', 1.25],
  ['1h', 2],
] as const)('the writes of a provider into its cache are reserved: %s', async (kept, factor) => {
  const price = { input: 1000, output: 0, cacheRead: 100, cacheWrite: 1250 }
  const reply = async () => ({
    text: 'yes',
    model: 'lab/one',
    usage: { input: 4, output: 0 },
    citations: [],
    cost: 0.01,
  })
  const reserved = async (kept: 'off' | '5m' | '1h') => {
    const { told, generate } = openShop(price, undefined, reply, undefined, { promptCacheOf: () => kept })
    await generate(request, { signal, payer })
    return told.map(([, dollars]) => dollars)
  }
  const [[plain = 0], [most, spent]] = [await reserved('off'), await reserved(kept)]
  expect(plain).toBeGreaterThan(0)
  expect([most, spent]).toEqual([expect.closeTo(plain * factor, 5), 0.01])
})

const breaks: Models['generate'] = async (_, { onDelta }) => {
  onDelta?.('The tide')
  throw late
}
const onDelta = () => {}

it('an interrupted reply counts its streamed part, or its worst case if it was not streamed', async () => {
  expect(await countedFor(breaks, {}, { onDelta })).toEqual([0.1, 0.004])
  expect(await countedFor(breaks)).toEqual([0.1, 0.1])
})

it('a reply whose connection breaks counts what had come of it; one of which nothing came, nothing', async () => {
  const breaksAfter =
    (said: string): Models['generate'] =>
    async (_, { onDelta }) => {
      if (said !== '') onDelta?.(said)
      throw new RetryableError('The reply of the model ended early.', { code: 'model_unavailable' })
    }
  expect(await countedFor(breaksAfter('The tide'), {}, { onDelta })).toEqual([0.1, 0.004])
  expect(await countedFor(breaksAfter(''), {}, { onDelta })).toEqual([0.1, 0])
})

it('JSON interrupted during the second request counts as its worst case, since that request is not streamed', async () => {
  const again: Models['generate'] = async (_, { onDelta }) => {
    onDelta?.('The tide')
    throw withFailedUsage(late, { model: 'lab/one', usage: { input: 1, output: 10 }, cost: 0.01 })
  }
  expect(await countedFor(again, { schema: { type: 'object' } }, { onDelta })).toEqual([0.2, 0.2])
})

it('cancelled JSON counts as its worst case, since a second request may be in flight', async () => {
  const gone = new AbortController()
  const again: Models['generate'] = async (_, { onDelta }) => {
    onDelta?.('The tide')
    gone.abort()
    throw gone.signal.reason
  }
  expect(await countedFor(again, { schema: { type: 'object' } }, { onDelta, signal: gone.signal })).toEqual([0.2, 0.2])
})

it('a call that was cancelled before it began costs nothing', async () => {
  expect(await countedFor(breaks, {}, { signal: AbortSignal.abort() })).toEqual([0.1, 0])
})

it('the text that a form adds is reserved', async () => {
  const generate = async () => ({ text: '', citations: [], usage: { input: 0, output: 0 }, model: 'lab/one', cost: 0 })
  const reservedIn = async (form?: PromptForm) => {
    const { told, ...models } = openShop({ input: 1000, output: 0 }, undefined, generate, form)
    await models.generate(request, { signal, payer })
    return told[0]![1]
  }
  const more = 'Mind the moon. '.repeat(10)
  expect((await reservedIn({ prompt: `${more}{{ prompt }}` })) - (await reservedIn())).toBeCloseTo(0.075)
})

const reply = { text: 'yes', model: 'lab/one', usage: { input: 4, output: 0 }, cost: 0.004 }

it('money is reserved before a call may leave, and the call waits until it may', async () => {
  const { told, generate } = openShop(PRICE, undefined, async () => {
    told.push(['call', 0])
    return reply as never
  })
  const mayLeave = gate()
  const made = generate(request, { signal, payer, whenDurable: () => mayLeave.pass() })
  // a call that does not wait is over without a look at the gate
  await Promise.race([mayLeave.started, made])
  expect(told.map(([what]) => what)).toEqual(['reserve'])
  mayLeave.release()
  await made
  expect(told.slice(1)).toEqual([
    ['call', 0],
    ['settle', 0.004],
  ])
})

it.each([PRICE, { input: 0, output: 0 }])(
  'a call that may never leave is not made and costs nothing: %j',
  async (price) => {
    const { told, generate } = openShop(price, undefined, () => {
      told.push(['call', 0])
      return Promise.resolve(reply as never)
    })
    const stop = new AbortController()
    const whenDurable = async () => {
      stop.abort()
      throw new Error('the turn has ended')
    }
    await expect(generate(request, { signal: stop.signal, payer, whenDurable })).rejects.toThrow('the turn has ended')
    expect(told.filter(([what]) => what !== 'reserve')).toEqual(price.input === 0 ? [] : [['settle', 0]])
  },
)
