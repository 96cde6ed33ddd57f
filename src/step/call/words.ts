import { InvalidError, isBusy, problemOf } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { jsonFrom } from '../../kernel/kept-json.ts'
import { isWithinSize } from '../../kernel/limits.ts'
import { clip } from '../../lib/clip.ts'
import { type CallProgress, LOG_LEVELS } from '../../tool/once/call-progress.ts'
import type { Heartbeat } from '../../worker/pool/work-limit.ts'
import type { RunDelta } from '../messages/delta.ts'
import { PROGRESS_LIMITS, type ProgressMessage } from '../messages/progress.ts'
import type { StepContext } from './context.ts'

/** How long words wait for others before they are recorded. */
const PAUSE_MS = 200

/** `end` resolves when all words are recorded: the call has not ended before. */
export type CallWords = CallProgress & { end(): Promise<void> }

/** The words of one call, which its run records. */
export function createWords({ services, start, emit }: StepContext, beating: Heartbeat | undefined): CallWords {
  const { run, step } = start
  const shown = <T>(value: T): T => services.secrets?.shown(value) ?? value
  let waiting: { progress?: Json; log: ProgressMessage['log'][number][]; cut: number } | undefined
  let timer: NodeJS.Timeout | undefined
  let sent: Promise<void> = Promise.resolve()
  let recorded = Promise.withResolvers<void>()

  function next() {
    beating?.beat()
    timer ??= setTimeout(send, PAUSE_MS)
    waiting ??= { log: [], cut: 0 }
    return waiting
  }

  function send(): void {
    clearTimeout(timer)
    timer = undefined
    if (!waiting) return
    const message: ProgressMessage = { type: 'step-progress', step, ...waiting }
    waiting = undefined
    const sending = sent.then(() => services.tellRun?.(run.id, message))
    sending.then(recorded.resolve, recorded.reject)
    // a call need not await it
    recorded.promise.catch(() => {})
    recorded = Promise.withResolvers()
    sent = sending.catch(unlessStopping)
  }

  return {
    progress(value) {
      const given = shown(jsonFrom(value, `The progress of step ${step}`))
      if (!isWithinSize(given, PROGRESS_LIMITS.progress)) throw tooLarge(step)
      next().progress = given
      emit({ type: 'step-progress', step, progress: given } satisfies RunDelta)
      return recorded.promise
    },
    log(level, text) {
      if (!LOG_LEVELS.includes(level)) throw unknownLevel(step, level)
      const into = next()
      if (into.log.length === PROGRESS_LIMITS.lines) {
        into.cut++
        return
      }
      const line = { level, text: shown(clip(String(text), PROGRESS_LIMITS.line)) }
      into.log.push(line)
      emit({ type: 'step-log', step, ...line } satisfies RunDelta)
    },
    heartbeat: () => beating?.beat(),
    end() {
      send()
      return sent
    },
  }
}

/** An engine that stops records nothing more. The call is made again, or its end is recorded without its last words. */
function unlessStopping(error: unknown): void {
  if (!isBusy(problemOf(error))) throw error
}

const tooLarge = (step: string) =>
  new InvalidError(`The progress of step ${step} has more than ${PROGRESS_LIMITS.progress / 1024} KiB.`, {
    code: 'too_large',
    hint: 'Report numbers and short texts, and return the value from the step.',
  })

const unknownLevel = (step: string, level: unknown) =>
  new InvalidError(
    `The log of step ${step}: expected the level ${LOG_LEVELS.join(', ')}, got ${JSON.stringify(level)}.`,
  )
