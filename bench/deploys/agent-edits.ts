import { z } from 'zod'
import type { AnyEdit } from './judge.ts'

/** A tool makes one act. Its name ends with the id of its edit. */
type ShopTool = { readonly name: string; readonly act: string; readonly input?: z.ZodObject }

/** The code of an agent. */
export type Shop = {
  readonly tools: readonly ShopTool[]
  /** the tools whose calls wait for a person */
  readonly approve: readonly string[]
  readonly output: z.ZodObject
  readonly instructions: string
}

/** An edit of an agent, which looks up and reserves, waits for a person before it pays, and writes a mail. */
type AgentEdit = { readonly name: string; readonly now: Shop } & Partial<Pick<AnyEdit, 'acts' | 'may' | 'result'>>

const ACTS = ['look', 'reserve', 'pay', 'mail']
const ORDER = z.object({ order: z.string() })
const OUTPUT = z.object({ done: z.array(z.string()) })
const LOOK: ShopTool = { name: 'look', act: 'look' }
const RESERVE: ShopTool = { name: 'reserve', act: 'reserve' }
const REFUND: ShopTool = { name: 'refund', act: 'pay' }
const MAIL: ShopTool = { name: 'mail', act: 'mail' }

/** The code of all agents before the deploy. */
export const WAS: Shop = {
  tools: [LOOK, RESERVE, REFUND, MAIL],
  approve: ['refund'],
  output: OUTPUT,
  instructions: 'You help customers of a shop.',
}

const withTools = (...tools: readonly ShopTool[]): Shop => ({ ...WAS, tools })
const refundBy = (input: z.ZodObject) => withTools(LOOK, RESERVE, { ...REFUND, input }, MAIL)

const GIVEN: readonly AgentEdit[] = [
  { name: 'a tool is renamed that was called', now: withTools({ ...LOOK, name: 'find' }, RESERVE, REFUND, MAIL) },
  { name: 'a tool is renamed that is to come', now: withTools(LOOK, RESERVE, REFUND, { ...MAIL, name: 'send' }) },
  {
    name: 'the tool of the waiting call is renamed',
    now: { ...withTools(LOOK, RESERVE, { ...REFUND, name: 'pay-back' }, MAIL), approve: ['pay-back'] },
  },
  { name: 'the waiting call needs another parameter', now: refundBy(ORDER.extend({ reason: z.string() })) },
  {
    name: 'the waiting call may have another parameter',
    now: refundBy(ORDER.extend({ note: z.string().default('none') })),
  },
  { name: 'a parameter of the waiting call has another type', now: refundBy(z.object({ order: z.array(z.string()) })) },
  {
    name: 'a tool is inserted',
    acts: ['look', 'reserve', 'pay', 'check', 'mail'],
    result: ['look', 'reserve', 'pay', 'check', 'mail'],
    now: withTools(LOOK, RESERVE, REFUND, { name: 'check', act: 'check' }, MAIL),
  },
  { name: 'a tool is dropped that was called', now: withTools(RESERVE, REFUND, MAIL) },
  {
    name: 'a tool is dropped that is to come',
    acts: ['look', 'reserve', 'pay'],
    result: ['look', 'reserve', 'pay'],
    now: withTools(LOOK, RESERVE, REFUND),
  },
  { name: 'the instructions change', now: { ...WAS, instructions: 'You help customers of a shop, in one sentence.' } },
  {
    name: 'the answer gets another form',
    result: [...ACTS, 4],
    now: { ...WAS, output: OUTPUT.extend({ count: z.number() }) },
  },
  { name: 'a call that is to come needs an approval', now: { ...WAS, approve: ['refund', 'mail'] } },
]

/** The edits, with the ids of their agents. */
export const AGENT_EDITS = GIVEN.map((edit, at) => ({
  acts: ACTS,
  may: [],
  result: ACTS,
  before: { acts: ACTS, result: ACTS },
  ...edit,
  id: `edit${at + 1}`,
}))
