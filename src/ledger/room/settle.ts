import { TerminalError } from '../../errors.ts'
import { openSettlement } from '../../extension/extensions.ts'
import type { LedgerSettlement } from '../../extension/settlement.ts'
import type { House } from '../../house/house.ts'
import { present } from '../../lib/json/present.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import { SECRET_SCHEME } from '../../secret/names.ts'
import { type AccountState, accountRef } from '../account.ts'
import { LEDGER, LEDGER_WORK, type LedgerState } from '../actor.ts'
import type { LedgerEntry } from '../entry.ts'
import { type CitationsRead, type SettlementState, type settlementActor, settlementRef } from '../settlement.ts'
import type { LedgerAddress, SettlementReport } from './documents.ts'
import type { LedgerNeeds } from './open-port.ts'
import type { LedgerPort } from './port.ts'

/** Entries that one turn of a settlement looks at. */
const WINDOW = 128
/** Steps of one call that settles: about 30 transactions. The timer takes the next ones. */
const MAX_STEPS = 64

/** The settlement that antiphon.yaml names. Error `settlement_off` if it names none. */
function settlementOf({ config, secret }: Pick<House, 'secret'> & LedgerNeeds): LedgerSettlement {
  const settings = config.ledger?.settlement
  if (!settings) throw settlementOff()
  const key = async () => {
    const value = await secret(settings.key.slice(SECRET_SCHEME.length))
    if (value !== undefined) return value
    throw new TerminalError(`The secret ${settings.key} is missing.`, {
      code: 'settlement_off',
      hint: `It signs payments of the ledger: antiphon keys set ${settings.key.slice(SECRET_SCHEME.length)}`,
    })
  }
  return openSettlement({ settings, key }, config)
}

/** The error for a ledger that pays nothing outside. */
const settlementOff = () =>
  new TerminalError('The ledger has no settlement.', {
    code: 'settlement_off',
    hint: 'To pay citations outside: ledger: { settlement: … } in antiphon.yaml',
  })

/** The entries of the ledger and the settlement, as the actor of a settlement uses them. */
export function lendSettlement(house: () => House & LedgerNeeds): Parameters<typeof settlementActor>[0] {
  const head = async () => ((await house().engine.view.peek(LEDGER)) as LedgerState | undefined)?.n ?? 0
  return {
    async settlement(treasury) {
      const configured = house().config.ledger?.settlement?.treasury
      if (configured === undefined || configured === treasury) return settlementOf(house())
      throw new TerminalError(`The treasury in antiphon.yaml is ${configured}, so ${treasury} pays nothing.`, {
        code: 'settlement_off',
        hint: `To finish what ${treasury} has begun, name it in antiphon.yaml again: ledger: { settlement: { treasury: … } }`,
      })
    },
    head,
    async citationsAfter(after): Promise<CitationsRead> {
      const newest = await head()
      const last = Math.min(newest, after + WINDOW)
      const citations: CitationsRead['citations'][number][] = []
      if (last <= after) return { citations, last: after, more: false }
      for await (const { n, body } of house().engine.view.events(LEDGER, { after, live: false })) {
        const { op, account, amount } = body as LedgerEntry
        if (op.startsWith('citation:')) citations.push({ n, op, account, amount })
        if (n >= last) break
      }
      return { citations, last, more: last < newest }
    },
  }
}

type SettlingHouse = Pick<House, 'engine' | 'checkOwner' | 'secret'> & LedgerNeeds

/** The methods of the ledger that pay outside. */
export function settles(house: SettlingHouse): Pick<LedgerPort, 'address' | 'setAddress' | 'settle'> {
  const { engine, checkOwner } = house
  const treasuryOf = () => {
    const { settlement } = house.config.ledger!
    if (settlement) return settlement.treasury
    throw settlementOff()
  }
  const found = (owner: string, treasury: string, address: string | undefined, onChain?: string): LedgerAddress => ({
    owner,
    treasury,
    ...present({ address, onChain }),
  })

  return {
    async address({ owner = LOCAL_OWNER, chain = false } = {}) {
      const treasury = treasuryOf()
      const { wallet } = ((await engine.view.peek(accountRef(owner))) ?? {}) as Partial<NonNullable<AccountState>>
      const address = wallet?.treasury === treasury ? wallet.address : undefined
      const onChain = chain && address !== undefined ? await settlementOf(house).balanceOf(address) : undefined
      return found(owner, treasury, address, onChain)
    },
    async setAddress(to, { owner = LOCAL_OWNER } = {}) {
      const treasury = treasuryOf()
      const address = to.address === null ? null : settlementOf(house).readAddress(to.address)
      await checkOwner(owner)
      await engine.ask(accountRef(owner), { type: 'address', treasury, address }, { correlationId: LEDGER_WORK })
      return found(owner, treasury, address ?? undefined)
    },
    async settle({ signs = true } = {}) {
      const treasury = treasuryOf()
      settlementOf(house)
      const step = async () =>
        (await engine.ask(settlementRef(treasury), { type: 'step', signs }, { correlationId: LEDGER_WORK })) as Step
      let state = await step()
      // each step is committed before the next one, so this call may end anywhere; two steps pay a batch
      const isGoing = () => state.wakes === 'timer' && state.problem === undefined && (signs || state.flight)
      for (let steps = 1; steps < MAX_STEPS && isGoing(); steps++) state = await step()
      return shown(treasury, state)
    },
  }
}

type Step = SettlementState

function shown(
  treasury: string,
  { at, paid, units, flight, problem, wakes, refused }: SettlementState,
): SettlementReport {
  const inFlight = flight && {
    digest: flight.transaction.digest,
    citations: flight.payments.length,
    since: flight.since,
  }
  return {
    treasury,
    at,
    paid,
    units,
    isDue: wakes === 'timer',
    ...present({ inFlight, refused: refused && [...refused], problem }),
  }
}
