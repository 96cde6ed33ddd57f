import { messageIdOf, PRIORITY_TYPES, type TurnDecision, timersOf } from './decision.ts'
import type { ClientRequest, SimulationLedger } from './ledger.ts'
import { WITNESS_KIND } from './witness.ts'

const CONTROL_TYPES: ReadonlySet<string> = new Set(['watch', 'cancel', 'stop'])

/** The processed messages by actor, one list for each of its lives. */
export type Histories = Map<string, readonly (readonly string[])[]>

/** Checks all histories against the ledger. */
export function checkHistories(histories: Histories, ledger: SimulationLedger): void {
  const entries = [...histories.values()].flat(2)
  const taken = new Set(entries.map(messageIdOf))
  const isDone = (id: string) => taken.has(id) || ledger.letters.has(id)
  checkOnce(entries, ledger)
  checkOwed(isDone, ledger)
  checkSends(entries, isDone, ledger)
  for (const [name, lives] of histories) checkOrder(name, lives.flat(), ledger)
  for (const [name, lives] of histories)
    lives.forEach((history, n) => checkTimers(name, history, n === lives.length - 1, isDone, ledger))
}

function checkOnce(entries: readonly string[], ledger: SimulationLedger): void {
  const seen = new Set(ledger.letters)
  for (const id of entries.map(messageIdOf)) {
    if (seen.has(id)) ledger.violate(`${id} was taken twice`)
    seen.add(id)
  }
}

function checkOwed(isDone: (id: string) => boolean, ledger: SimulationLedger): void {
  for (const [id, { work }] of ledger.owed)
    if (!isDone(id) && !ledger.cancelled.has(work))
      ledger.violate(`${id} was acknowledged, or had effects, and is lost`)
}

function checkSends(entries: readonly string[], isDone: (id: string) => boolean, ledger: SimulationLedger): void {
  for (const entry of entries) {
    const decision = ledger.decisions.get(entry)
    if (!decision) ledger.violate(`${entry} was taken without a turn`)
    else
      for (const sent of owedSends(decision, ledger))
        if (!isDone(sent)) ledger.violate(`${sent}, sent by ${decision.actor}, is lost`)
  }
}

// messages that must not be lost: control messages leave no trace, and a reply may find no actor
function owedSends({ sends, turn, message }: TurnDecision, ledger: SimulationLedger): readonly string[] {
  return sends
    .filter(({ id, to, type }, index) => {
      const work = turn.send?.[index]?.correlationId ?? message.correlationId
      if (CONTROL_TYPES.has(type) || ledger.cancelled.has(work)) return false
      if (to.startsWith('reply/') || to.startsWith(`${WITNESS_KIND}/`)) return false
      return type === 'request' || type === 'event' || !(ledger.standing.forgets(to) || ledger.astray.has(id))
    })
    .map(({ id }) => id)
}

// order per sender: as they were sent; from outside: as acknowledged before the next began, over all lives of an actor
function checkOrder(name: string, history: readonly string[], ledger: SimulationLedger): void {
  const order = new Map([...ledger.decisions.keys()].map((entry, n) => [entry, n]))
  const last = new Map<string, number>()
  const requests: ClientRequest[] = []
  for (const entry of history) {
    const id = messageIdOf(entry)
    const sender = ledger.senders.get(id)
    const request = ledger.requests.get(id)
    const overtakes = PRIORITY_TYPES.has(ledger.decisions.get(entry)?.message.type ?? '')
    if (overtakes) {
      if (request) requests.push(request)
    } else if (sender && sender.index >= 0) {
      const { actor, taken } = sender.decision
      const place = order.get(taken.at(-1)!)! * 1024 + sender.index
      if (place < (last.get(actor) ?? -1)) ledger.violate(`${name} took ${id} of ${actor} out of order`)
      last.set(actor, place)
    } else if (request && request.delay === undefined) {
      if (requests.some(({ begun }) => request.acknowledged !== undefined && request.acknowledged < begun))
        ledger.violate(`${name} took ${id} out of order`)
      requests.push(request)
    }
  }
}

function checkTimers(
  name: string,
  history: readonly string[],
  isThere: boolean,
  isDone: (id: string) => boolean,
  ledger: SimulationLedger,
): void {
  const timers = new Map<string, string>()
  for (const entry of history) {
    const decision = ledger.decisions.get(entry)
    if (!decision) continue
    const { timer, id } = decision.message
    if (timer !== undefined && timers.get(timer) !== id)
      ledger.violate(`${name} took timer ${timer} that it had not set`)
    if (timer !== undefined) timers.delete(timer)
    for (const [set, token] of timersOf(decision)) {
      if (token) timers.set(set, token)
      else timers.delete(set)
    }
  }
  if (!isThere || ledger.standing.forgets(name)) return
  for (const [timer, id] of timers) {
    const work = ledger.senders.get(id)?.decision.message.correlationId
    if (!isDone(id) && !(work && ledger.cancelled.has(work))) ledger.violate(`timer ${timer} of ${name} never fired`)
  }
}
