import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from '../../engine/engine.ts'
import { idTakenError } from '../../engine/envelope.ts'
import { is } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import { callerOf } from '../../house/request-caller.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import { jsonFrom } from '../../kernel/kept-json.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import { present } from '../../lib/json/present.ts'
import { contentOf, IN_JUDGEMENT, type SignalReceipt, senderPart } from '../../step/messages/signal.ts'
import { isFinished, peekRun, workOfRun } from '../run.ts'
import { noRun, runOver } from './errors.ts'
import type { Settling } from './executor.ts'
import { checkBegun } from './later.ts'
import type { RunsPort } from './port.ts'

type Parts = {
  readonly engine: Engine
  readonly settling: Settling
  /** Whether a run with that id has begun. */
  isThere(run: string): Promise<boolean>
  /** Resumes what an earlier process left of a run. */
  goOn(run: string): Promise<void>
}

/** Attempts of a signal beside the first, and ms between two while its step judges. */
const MOST_ATTEMPTS = 20
const PAUSE_MS = 50

export function runtimeSignals({ engine, settling, isThere, goOn }: Parts): Pick<RunsPort, 'signal' | 'settle'> {
  const { view } = engine

  const signal: RunsPort['signal'] = async (run, name, given, { id, answers, machine, by: named } = {}) => {
    const value = jsonFrom(given)
    const by = callerOf({ by: named })
    await engine.start({ only: run })
    if (!(await isThere(run))) throw await noRun(run, view)
    // work of the run: after a crash, the run goes on with an answer that it has taken
    const correlationId = workOfRun(run, await peekRun(view, run))
    const body = {
      type: 'signal',
      name,
      value,
      ...(answers === false && { answers }),
      ...(machine === false && { machine }),
      ...(by && { by }),
      ...present({ id }),
    }
    const content = contentOf({ name, value })
    const known = () => knownTo(run, id, content)
    const receipt = await orOver(run, () => askAgain(run, body, correlationId), known)
    const { status, of } = receipt as SignalReceipt
    // the run gives an id that it knows the reply to its first use
    if (of !== content) throw idTakenError(`the id ${id} belongs to another answer`)
    await goOn(run)
    return { status }
  }

  /** The answer of a run, which has ended since, to the same signal; undefined: it has not got it. */
  async function knownTo(run: string, id: string | undefined, of: string): Promise<Json | undefined> {
    const found = id !== undefined && (await readSinglePart(view.parts, runRef(run), senderPart(id)))
    const { of: first, step } = (found || {}) as { readonly of?: string; readonly step?: string }
    return first === of ? { status: step === undefined ? 'kept' : 'taken', of } : undefined
  }

  const isKnown = async (run: string, id: string) =>
    (await readSinglePart(view.parts, runRef(run), senderPart(id))) !== undefined

  /**
   * Each attempt is an ask of its own: an engine remembers the answer to an id, and a refusal is no answer. The step of
   * a signal may judge the one before, or may have ended before it judged this one.
   */
  async function askAgain(run: string, body: JsonObject, correlationId: string): Promise<Json> {
    for (let left = MOST_ATTEMPTS, again = false; ; left--)
      try {
        return await engine.ask(runRef(run), again ? { ...body, again } : body, { correlationId })
      } catch (error) {
        if (!is(error) || left === 0) throw error
        const isJudged = error.data?.waits === IN_JUDGEMENT.waits
        again = error.code === 'not_waiting'
        if (!again && !isJudged) throw error
        if (isJudged) await goOn(run)
        await sleep(isJudged ? PAUSE_MS : 0)
      }
  }

  return {
    signal,
    async settle(run, step, settlement, options) {
      await engine.start({ only: run })
      if (!(await isThere(run))) throw await noRun(run, view)
      const isRepeated = options?.id !== undefined && (await isKnown(run, options.id))
      const state = await peekRun(view, run)
      checkBegun(run, state)
      const isOver = state !== undefined && isFinished(state)
      if (!isRepeated && !isOver && !(await settling.hasAsked(run, step))) throw await settling.notInDoubt(run, step)
      try {
        // a signal about a call is never kept for later
        return (await signal(run, settling.signalOf(step), settlement, options)) as {
          readonly status: 'taken' | 'late'
        }
      } catch (error) {
        throw is(error) && error.code === 'not_waiting' ? await settling.notInDoubt(run, step) : error
      }
    },
  }
}

/** A cancelled run takes no message any more: for who answers it, that is a run that has ended. */
async function orOver(run: string, act: () => Promise<Json>, known: () => Promise<Json | undefined>): Promise<Json> {
  try {
    return await act()
  } catch (error) {
    if (!is(error) || error.code !== 'cancelled') throw error
    const receipt = await known()
    if (receipt !== undefined) return receipt
    throw runOver(run, 'cancelled')
  }
}
