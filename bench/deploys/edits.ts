/** The operations of an order, as each product has them. The last three are lines that only some of them have. */
export interface Order {
  /** Makes an act, and results in the value; absent: in `[act]`. */
  step(name: string, act: string, value?: unknown): Promise<Made>
  wait(name: string): Promise<unknown>
  pause(): Promise<unknown>
  patched(name: string): boolean
  renamed(before: string, now: string): void
  dropped(name: string): Promise<void>
}
type Made = readonly string[]
type Input = { readonly cents: number; readonly amount?: number }
type Run = (order: Order, input: Input) => Promise<readonly unknown[]>

/** An edit of an order, which makes two acts, waits for `go`, and makes two more. */
type Edit = {
  readonly name: string
  /** the code of before; absent: the usual one */
  readonly was?: Run
  /** the code of after */
  readonly now: Run
  /** the code of after with the lines that keep old runs going, where the product has such lines; absent: `now` */
  readonly mended?: Run
  /** all acts of an old run */
  readonly acts?: Made
  /** acts that it makes or leaves out */
  readonly may?: Made
  /** the result of an old run in the new code */
  readonly result?: readonly unknown[]
  /** all acts and the result of an old run in the old code */
  readonly before?: { readonly acts: Made; readonly result: readonly unknown[] }
}

/** What an order does if no edit says otherwise. */
const ACTS: Made = ['reserve', 'pay', 'ship', 'mail']
const BEFORE = { acts: ACTS, result: ACTS }

const GIVEN: readonly Edit[] = [
  {
    name: 'a step is renamed that was done',
    now: (order) => usual(order, { charge: 'chargeCard' }),
    mended(order) {
      order.renamed('charge', 'chargeCard')
      return usual(order, { charge: 'chargeCard' })
    },
  },
  { name: 'a step is renamed that is to come', now: (order) => usual(order, { ship: 'send' }) },
  {
    name: 'a step is inserted before the wait',
    may: ['audit'],
    now: (order) => usual(order, {}, () => order.step('audit', 'audit')),
    mended: (order) =>
      usual(order, {}, async () => {
        if (order.patched('audit')) await order.step('audit', 'audit')
      }),
  },
  {
    name: 'a step is inserted behind the wait',
    acts: ['reserve', 'pay', 'audit', 'ship', 'mail'],
    async now(order) {
      const before = await first(order)
      await order.wait('go')
      await order.step('audit', 'audit')
      return [...before, ...(await last(order))]
    },
  },
  {
    name: 'a step is dropped that was done',
    result: ['pay', 'ship', 'mail'],
    async now(order) {
      const paid = await order.step('charge', 'pay')
      await order.wait('go')
      return [...paid, ...(await last(order))]
    },
    async mended(order) {
      await order.dropped('reserve')
      const paid = await order.step('charge', 'pay')
      await order.wait('go')
      return [...paid, ...(await last(order))]
    },
  },
  {
    name: 'a step is dropped that is to come',
    acts: ['reserve', 'pay', 'ship'],
    result: ['reserve', 'pay', 'ship'],
    async now(order) {
      const before = await first(order)
      await order.wait('go')
      return [...before, ...(await order.step('ship', 'ship'))]
    },
  },
  {
    name: 'two steps that were done are swapped',
    now: (order) => swapped(order),
    mended: async (order) => (order.patched('swap') ? swapped(order) : usual(order)),
  },
  {
    name: 'a step that was done becomes a pause',
    result: ['reserve', 'ship', 'mail'],
    async now(order) {
      const reserved = await order.step('reserve', 'reserve')
      await order.pause()
      await order.wait('go')
      return [...reserved, ...(await last(order))]
    },
    async mended(order) {
      const reserved = await order.step('reserve', 'reserve')
      await order.dropped('charge')
      if (order.patched('pause')) await order.pause()
      await order.wait('go')
      return [...reserved, ...(await last(order))]
    },
  },
  {
    name: 'the input gets another schema',
    result: ['reserve', 'pay', 'ship', 'mail', 700],
    now: async (order, { amount }) => [...(await usual(order)), amount],
    mended: async (order, { amount, cents }) => [...(await usual(order)), amount ?? cents],
  },
  {
    name: 'a branch takes the other way',
    acts: ['reserve', 'check', 'ship', 'mail'],
    may: ['scan'],
    result: ['ship', 'mail'],
    before: { acts: ['reserve', 'check', 'ship', 'mail'], result: ['ship', 'mail'] },
    was: (order, { cents }) => branched(order, cents > 500),
    now: (order, { cents }) => branched(order, cents > 1000),
    mended: async (order, { cents }) => branched(order, cents > (order.patched('limit') ? 1000 : 500)),
  },
  {
    name: 'a step that was done returns another shape',
    now: (order) => shaped(order, ({ of }) => of),
    mended: (order) => shaped(order, (made) => made.of ?? made[0]),
  },
  {
    name: 'the wait is renamed',
    now: (order) => usual(order, { go: 'ready' }),
    mended(order) {
      order.renamed('wait-go', 'wait-ready')
      return usual(order, { go: 'ready' })
    },
  },
]

/** The edits, with the ids of their workflows. */
export const EDITS = GIVEN.map((edit, at) => {
  const was: Run = (order) => usual(order)
  return { was, may: [], acts: ACTS, result: ACTS, before: BEFORE, mended: edit.now, ...edit, id: `edit${at + 1}` }
})

/** An order waits when it has made so many acts. */
export const ACTS_BEFORE = 2
/** The signals that all runs get after the deploy. */
export const SIGNALS = ['go', 'ready']
/** The input of the runs. */
export const INPUT = { cents: 700 }

type Names = { readonly charge?: string; readonly ship?: string; readonly go?: string }

async function usual(order: Order, names: Names = {}, between: () => Promise<unknown> = async () => {}) {
  const { charge = 'charge', ship = 'ship', go = 'go' } = names
  const reserved = await order.step('reserve', 'reserve')
  await between()
  const paid = await order.step(charge, 'pay')
  await order.wait(go)
  const shipped = await order.step(ship, 'ship')
  return [...reserved, ...paid, ...shipped, ...(await order.step('mail', 'mail'))]
}

const first = async (order: Order) => [
  ...(await order.step('reserve', 'reserve')),
  ...(await order.step('charge', 'pay')),
]
const last = async (order: Order) => [...(await order.step('ship', 'ship')), ...(await order.step('mail', 'mail'))]

async function swapped(order: Order) {
  const paid = await order.step('charge', 'pay')
  const reserved = await order.step('reserve', 'reserve')
  await order.wait('go')
  return [...reserved, ...paid, ...(await last(order))]
}

async function branched(order: Order, isLarge: boolean) {
  await order.step('reserve', 'reserve')
  await (isLarge ? order.step('check', 'check') : order.step('scan', 'scan'))
  await order.wait('go')
  return last(order)
}

type Shaped = Made & { readonly of?: string }

/** The new code of the first step returns `{ of }`, and old runs have a list. */
async function shaped(order: Order, read: (made: Shaped) => string | undefined) {
  const reserved = read((await order.step('reserve', 'reserve', { of: 'reserve' })) as Shaped)
  const paid = await order.step('charge', 'pay')
  await order.wait('go')
  return [reserved, ...paid, ...(await last(order))]
}
