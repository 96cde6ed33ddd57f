import { outcomesOf, plainResult, readCall } from '../../calls/outcomes.ts'
import type { CallServices, CallsOfRun } from '../../chain/protocol/calls.ts'
import type { Config } from '../../config/config.ts'
import { type Json, parseExact } from '../../kernel/json.ts'
import { wholeCharacters } from '../../lib/clip.ts'
import { findRunStart, isFinished, peekRun, type RunView } from '../../run/run.ts'
import type { RunStore } from '../../step/call/step-value.ts'
import type { EndedCall } from '../../thread/protocol/calls.ts'
import type { Toolbox } from '../../tool/toolbox.ts'

export function callServices(
  { search, tools, chain }: Pick<Config, 'search' | 'tools' | 'chain'>,
  toolbox: Toolbox,
  store: RunStore & RunView,
): CallServices {
  return {
    toolbox,
    approve: tools?.approve ?? 'default',
    searches: search !== undefined && chain?.web !== false,
    async readCalls(run, thread, most): Promise<CallsOfRun> {
      const state = await peekRun(store, run)
      if (!state || state.status === 'new') return { status: 'absent' }
      const start = await findRunStart(run, store.readParts)
      if (start?.thread !== thread) return { status: 'foreign' }
      if (!isFinished(state)) return { status: 'running' }
      const { calls } = await outcomesOf(store, run)
      const ends = Object.entries(calls).map(async ([step, { status, text, edited }]) => {
        const isData = status === 'succeeded' && typeof (await readPlain(store, run, step)) !== 'string'
        const result = text.length > most ? cut(text, most) : { result: isData ? (parseExact(text) as Json) : text }
        return [step, { status, ...result, ...(edited && { edited }) }] as const
      })
      return { status: 'ended', calls: Object.fromEntries(await Promise.all(ends)) }
    },
  }
}

/** The result of a call. Large fields of it may be there only in part, so it only tells texts from data. */
const readPlain = async (store: RunStore, run: string, step: string) =>
  plainResult((await readCall(store, run, step))?.result ?? null)

const cut = (text: string, most: number): Pick<EndedCall, 'result' | 'length'> => ({
  result: text.slice(0, wholeCharacters(text, most)),
  length: text.length,
})
