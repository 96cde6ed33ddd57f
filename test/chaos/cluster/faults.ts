import type { Note, Story } from '../load/strand.ts'
import { isOnce, STEPS, UNKNOWN } from './steps.ts'

type Ended = { readonly taken: readonly string[]; readonly values: readonly string[]; readonly status: string }
type Effect = {
  readonly step: string
  readonly effect: 'draft' | 'finish'
  readonly given: string
  readonly nonce: string
}
/** The tries of each effect, in the order in which they began. */
type Tries = ReadonlyMap<string, readonly Effect[]>

function triesIn(notes: readonly Note[]): Tries {
  const effects = notes.filter(({ what }) => what === 'effect') as readonly unknown[] as readonly Effect[]
  return Map.groupBy(effects, ({ step, effect }) => `${step} ${effect}`)
}

/** How often an effect was done that had been done before. */
export function countRepeats(notes: readonly Note[]): number {
  return [...triesIn(notes).values()].reduce((sum, tries) => sum + tries.length - 1, 0)
}

/** What is wrong with runs, by what their askers were told, what they themselves know, and what was done for them. */
export function faultsOfRuns({ done, notes, end }: Story): readonly string[] {
  const ended = end as { readonly [id: string]: Ended }
  const tries = triesIn(notes)
  return [
    ...done.flatMap(({ client, n, result }) => faultsOfReply(`${client}-${n}`, result, ended)),
    ...Object.entries(ended).flatMap(([id, run]) => [...faultsOfRun(id, run), ...faultsOfSteps(id, run, tries)]),
  ]
}

function faultsOfReply(id: string, result: unknown, ended: { readonly [id: string]: Ended }): readonly string[] {
  const values = ended[id]?.values
  return JSON.stringify(values) === JSON.stringify(result) ? [] : [`run ${id} replied ${result} and has ${values}`]
}

const MESSAGES = ['start', ...Array.from({ length: STEPS }, (_, at) => `${at}`)]

function faultsOfRun(id: string, { taken, status }: Ended): readonly string[] {
  return [
    ...(String(taken) === String(MESSAGES) ? [] : [`run ${id} took ${taken}`]),
    ...(status === 'completed' ? [] : [`run ${id} is listed as ${status}`]),
  ]
}

function faultsOfSteps(id: string, { values }: Ended, tries: Tries): readonly string[] {
  return values.flatMap((value, at) => {
    const step = `${id}.${at}`
    const [drafts, finishes] = [tries.get(`${step} draft`) ?? [], tries.get(`${step} finish`) ?? []]
    const before = at === 0 ? 'start' : values[at - 1]
    const isLost = isOnce(at) && value === UNKNOWN
    return [
      ...(isLost || finishes.some(({ nonce }) => nonce === value) ? [] : [`${step} gave ${value}, which nobody made`]),
      ...(isOnce(at) && finishes.length > 1 ? [`${step} was done ${finishes.length} times`] : []),
      ...drafts.filter(({ given }) => given !== before).map(({ given }) => `${step} was given ${given} for ${before}`),
      // once it had an outcome, every later try of what follows has that one
      ...(new Set(finishes.map(({ given }) => given)).size > 1 ? [`${step} went on with several drafts`] : []),
      ...finishes
        .filter(({ given }) => !drafts.some(({ nonce }) => nonce === given))
        .map(({ given }) => `${step} went on with ${given}, which nobody drafted`),
    ]
  })
}
