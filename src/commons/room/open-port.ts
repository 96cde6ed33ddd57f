import { NotFoundError, TerminalError, unlessMissing } from '../../errors.ts'
import type { House } from '../../house/house.ts'
import type { Json } from '../../kernel/json.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import { LEDGER_WORK } from '../../ledger/actor.ts'
import { readAmount } from '../../ledger/amount.ts'
import type { LedgerReceipt } from '../../ledger/entry.ts'
import { type LedgerNeeds, ledgerOff } from '../../ledger/room/open-port.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import type { MemoryRecord } from '../../memory/record.ts'
import { type MemoryNeeds, openMemories } from '../../memory/room/open-port.ts'
import { type AskRewards, COMMONS, noPrior, ownedPrefix } from '../actor.ts'
import { type Agreement, agreementPart, sharingOff } from '../agreement.ts'
import { PRIOR_KIND, PUBLIC } from '../share.ts'
import type { PriorsPort } from './port.ts'

/** Asks whose traces one turn removes. */
const PORTION = 50

/** The needs of shared prompts: what they use of the house beside what every room gets. */
export type PriorNeeds = MemoryNeeds &
  LedgerNeeds & {
    /** The status of an ask on one of the newest threads, or of an ask of the last day; undefined: there is none. */
    statusOfAsk(ask: string): Promise<string | undefined>
  }

export function openPriors(house: House & PriorNeeds): PriorsPort {
  const { engine, config } = house
  const send = (body: Json) => engine.ask(COMMONS, body, { correlationId: LEDGER_WORK })

  async function find(id: string): Promise<MemoryRecord> {
    const memories = openMemories(house)
    const found = memories.mayHold() ? await memories(PUBLIC).get(id).catch(unlessMissing) : undefined
    if (found?.kind !== PRIOR_KIND) throw noPrior(id)
    return found
  }

  function checkSharing(): void {
    if (!config.ledger?.sharing) throw sharingOff()
  }

  return {
    async sharing({ owner = LOCAL_OWNER } = {}) {
      checkSharing()
      const known = (await readSinglePart(engine.view.parts, COMMONS, agreementPart(owner))) as Agreement | undefined
      return { owner, agreed: known !== undefined, ...known }
    },
    async setSharing(agreed, { owner = LOCAL_OWNER } = {}) {
      checkSharing()
      await house.checkOwner(owner)
      const known = (await send({ type: 'agree', owner, agreed })) as Agreement | null
      return { owner, agreed, ...known }
    },
    async get(id) {
      const { text, learnedAt: at } = await find(id)
      return { id, text, at }
    },
    async forget(record, { owner } = {}) {
      await find(record)
      await send({ type: 'forget', record, ...(owner !== undefined && { owner }) })
    },
    async rewards(ask, { owner } = {}) {
      // behind the message of the ask, if that is on its way
      const found = (await isBegun()) ? ((await send({ type: 'rewards', ask })) as AskRewards | null) : null
      if (!found || (owner !== undefined && owner !== found.owner))
        throw new NotFoundError(`There are no rewards of ${ask}.`, {
          hint: 'An answered ask has them if it shared its prompt or searched shared prompts.',
        })
      const { owner: _, ...rewards } = found
      return { ask, ...rewards }
    },
    async recordCitation({ citedRecord: record, citingAsk: ask, value }) {
      if (!config.ledger) throw ledgerOff()
      const amount = `${readAmount(Number.isSafeInteger(value) ? String(value) : value, 'value')}`
      await find(record)
      const status = await house.statusOfAsk(ask)
      if (status === undefined) throw new NotFoundError(`There is no ask ${ask}.`)
      if (status !== 'completed')
        throw new TerminalError(`Expected a completed ask, but ${ask} is ${status}. Nothing is paid.`, {
          code: 'ask_not_completed',
          hint: `antiphon show ${ask}`,
        })
      return (await send({ type: 'cite', record, ask, amount })) as LedgerReceipt
    },
    async forgetOwner(owner, { dryRun }) {
      if (!(await isBegun())) return 0
      // all that is on its way is settled first
      if (!dryRun) await send({ type: 'agree', owner, agreed: false })
      const asks: string[] = []
      const prefix = ownedPrefix(owner)
      for await (const [name] of engine.view.parts(COMMONS, { prefix })) asks.push(name.slice(prefix.length))
      for (let from = 0; !dryRun && from < asks.length; from += PORTION)
        await send({ type: 'forget-asks', owner, asks: asks.slice(from, from + PORTION) })
      return asks.length
    },
  }

  async function isBegun(): Promise<boolean> {
    return config.ledger?.sharing !== undefined || (await engine.view.peek(COMMONS)) !== undefined
  }
}
