import { z } from 'zod'
import { callSchemaOf } from '../../../src/agent/playbook/call-schema.ts'
import type { CompletedGoal, DoneCall } from '../../../src/agent/playbook/learn/completed-goal.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { inputSchemaOf } from '../../../src/tool/schema.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'
import { fc } from '../../property.ts'

const tool = (name: string, input: z.ZodObject, effect: 'pure' | 'at-most-once') =>
  defineTool({ ...{ name, effect, input }, description: 'For tests', execute: () => ({}) })
const item = z.string()

/** Three tools that look, one of them without saying so, and three that do something. */
export const STORE = createToolbox([
  tool('store:look', z.object({ item }), 'pure'),
  tool('store:list', z.object({}), 'pure'),
  tool('store:check', z.object({ item }), 'at-most-once'),
  tool('store:write', z.object({ place: z.string(), text: z.string() }), 'at-most-once'),
  tool('store:order', z.object({ item, count: z.number() }), 'at-most-once'),
  tool('store:flag', z.object({ item, urgent: z.boolean() }), 'at-most-once'),
])

export const INSTRUCTIONS =
  'You keep the store and the file depot.txt. Labels are high and low. Some items need urgent: true.'

const ITEMS = ['rope', 'sail', 'tar', 'oar'] as const
const PLACES = ['deck.txt', 'hold.txt', 'pier.txt'] as const

/** What a model can find out. */
const world: fc.Arbitrary<World> = fc.record({
  stock: fc.nat(40),
  label: fc.constantFrom('high', 'low', 'new'),
  note: fc.constantFrom('wet and torn', 'as good as new', 'due on Friday'),
  list: fc.uniqueArray(fc.constantFrom('anchor', 'buoy', 'chain', 'drum'), { minLength: 2, maxLength: 3 }),
})
const errand = fc.record({
  item: fc.constantFrom(...ITEMS),
  place: fc.constantFrom(...PLACES),
  hours: fc.integer({ min: 2, max: 60 }),
})

export type World = {
  readonly stock: number
  readonly label: string
  readonly note: string
  readonly list: readonly string[]
}
export type Errand = typeof errand extends fc.Arbitrary<infer T> ? T : never

/** Where a model gets a value from. `by-…`: it decides. `from-…`: it copies. */
const text = fc.constantFrom(
  'item',
  'place',
  'depot',
  'from-label',
  'from-note',
  'by-stock-named',
  'by-stock',
  'by-list',
)
const count = fc.constantFrom('hours', 'from-stock', 'by-stock-rest', 'by-stock', 'by-sum')
const flag = fc.constantFrom('by-stock', 'by-name')
const plainText = fc.constantFrom('item', 'place')
const deedOf = (ofText: fc.Arbitrary<string>, ofCount: fc.Arbitrary<string>) =>
  fc.oneof(
    fc.record({ tool: fc.constant('store:write'), place: ofText, text: ofText }),
    fc.record({ tool: fc.constant('store:order'), item: ofText, count: ofCount }),
  )
const deed = fc.oneof(
  deedOf(plainText, fc.constant('hours')),
  deedOf(text, count),
  fc.record({ tool: fc.constant('store:flag'), item: plainText, urgent: flag }),
)

/** A model that decides by what it reads: which calls it makes, with which values, and in which order. */
const deciding = fc.record({
  looks: fc.subarray(['store:look', 'store:list', 'store:check']),
  deeds: fc.array(deed, { minLength: 1, maxLength: 3 }),
  /** all deeds in one round */
  isSwift: fc.boolean(),
  /** it looks only after its first deed */
  looksLate: fc.boolean(),
  /** it does them only below this stock */
  below: fc.option(fc.integer({ min: 5, max: 35 })),
  /** it does the last one first when there is much */
  turnsAt: fc.option(fc.integer({ min: 5, max: 35 })),
  answer: fc.constantFrom('Done.', 'by-stock', 'from-note'),
})
export type Mind = typeof deciding extends fc.Arbitrary<infer T> ? T : never

/** A model that only does what the goal says. */
const plain: fc.Arbitrary<Mind> = fc.record({
  ...{ looks: fc.constant([]), isSwift: fc.constant(true), looksLate: fc.constant(false) },
  deeds: fc.array(deedOf(plainText, fc.constant('hours')), { minLength: 1, maxLength: 3 }),
  ...{ below: fc.constant(null), turnsAt: fc.constant(null), answer: fc.constantFrom('Done.', 'by-stock') },
})
const mind = fc.oneof({ arbitrary: deciding, weight: 4 }, { arbitrary: plain, weight: 1 })

/** A model, two errands of one form, and the worlds in which it does them. */
export const cases = fc.record({ mind, first: errand, second: errand, before: world, after: world })

export const goalOf = ({ item, place, hours }: Errand) => `Handle ${item} with ${place} in ${hours} hours`

/** What the model does for a goal in a world. A model that has not looked knows nothing of the world. */
export function act(mind: Mind, errand: Errand, around: World): CompletedGoal {
  const hasLooked = mind.looks.length > 0
  const seen = hasLooked ? around : NOTHING
  const calls: DoneCall[] = []
  const add = (round: number, name: string, parameters: { readonly [name: string]: Json }) => {
    const found = STORE.find(name)!
    calls.push({
      ...{ round, tool: name, parameters, outcome: 'succeeded', isApproved: false },
      ...{ result: resultOf(name, parameters, around), isPure: found.effect === 'pure' },
      schema: callSchemaOf(inputSchemaOf(found) as unknown as Json),
    })
  }
  const look = (round: number) => {
    for (const name of mind.looks) add(round, name, name === 'store:list' ? {} : { item: errand.item })
  }
  const isWilling = mind.below === null || !hasLooked || seen.stock < mind.below
  const turns = mind.turnsAt !== null && hasLooked && seen.stock >= mind.turnsAt
  const deeds = isWilling ? (turns ? mind.deeds.toReversed() : mind.deeds) : []
  // a model that looks late does its first deed without knowing anything
  const [early, ...late] = mind.looksLate ? deeds : []
  if (early) add(1, early.tool, valuesOf(early, errand, NOTHING))
  look(2)
  for (const [index, one] of (mind.looksLate ? late : deeds).entries())
    add(mind.isSwift ? 3 : 3 + index, one.tool, valuesOf(one, errand, seen))
  const answer = mind.answer === 'Done.' ? mind.answer : String(pick(mind.answer, errand, seen))
  return { agent: 'keeper', goal: goalOf(errand), instructions: INSTRUCTIONS, calls, answer }
}

const NOTHING: World = { stock: 0, label: 'low', note: 'nothing', list: ['nothing', 'more'] }

function resultOf(
  name: string,
  parameters: { readonly [name: string]: Json },
  { stock, label, note, list }: World,
): Json {
  if (name === 'store:look') return { ...parameters, stock, label, note }
  if (name === 'store:check') return { ...parameters, stock }
  if (name === 'store:list') return { items: list.map((item) => ({ item })) }
  return { action: name.split(':')[1]!, ...parameters }
}

const valuesOf = ({ tool: _, ...values }: Mind['deeds'][number], errand: Errand, seen: World) =>
  Object.fromEntries(
    Object.entries(values).map(([name, kind]) => [
      name,
      name === 'urgent' ? flagOf(kind, errand, seen) : pick(kind, errand, seen),
    ]),
  )

const flagOf = (kind: string, { item }: Errand, { stock }: World) => (kind === 'by-name' ? item === 'rope' : stock < 20)

function pick(kind: string, { item, place, hours }: Errand, { stock, label, note, list }: World): Json {
  switch (kind) {
    case 'item':
      return item
    case 'place':
      return place
    case 'hours':
      return hours
    case 'depot':
      return 'depot.txt'
    case 'from-label':
      return label
    case 'from-note':
      return note
    case 'from-stock':
      return stock
    case 'by-stock-rest':
      return 50 - stock
    case 'by-stock-named':
      return stock < 20 ? 'high' : 'low'
    case 'by-list':
      return list.toSorted()[0]!
    case 'by-sum':
      return hours * 12
    default:
      return stock < 20 ? 'scarce' : 'plenty'
  }
}
