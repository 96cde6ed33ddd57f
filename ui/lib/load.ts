import { useEffect, useRef, useState } from 'preact/hooks'
import { is } from '../../src/client.ts'
import { changeOf, isGone, noticeFailure, openings } from './live.ts'
import { requestOf } from './server.ts'

/** A failure as a page shows it. */
export type Failure = {
  readonly code: string
  readonly message: string
  readonly hint?: string
  readonly request?: string
  /** the place in a text that was sent */
  readonly line?: number
}

/** A value on its way. After a failure, the value before it stays. */
export type Loaded<Value> = { readonly value?: Value; readonly failure?: Failure; reload(): void }

/** `opening`: the time of being connected in which the reading began. */
type State<Value> = {
  readonly key: string
  readonly opening: number
  readonly value?: Value
  readonly failure?: Failure
}

/**
 * Reads a value, again whenever its key or a topic of the feed changes. Changes that come while it is read cause one
 * more reading: a list that changes faster than it can be read is shown all the same.
 */
export function useLoaded<Value>(
  key: string,
  read: () => Promise<Value>,
  topics: readonly string[] = [],
): Loaded<Value> {
  const [state, setState] = useState<State<Value>>({ key: '', opening: 0 })
  const [turn, setTurn] = useState(0)
  const version = topics.map((topic) => changeOf(topic).value).join()
  const reading = useRef<{ key: string; isStale: boolean } | undefined>(undefined)
  const newest = useRef(read)
  newest.current = read
  useEffect(() => {
    if (reading.current?.key === key) {
      reading.current.isStale = true
      return
    }
    const mine = { key, isStale: false }
    reading.current = mine
    void readAll()

    async function readAll(): Promise<void> {
      do {
        mine.isStale = false
        const opening = openings.peek()
        const found = await newest.current().then(
          (value) => ({ value }),
          (error) => ({ failure: failureOf(error) }),
        )
        if (reading.current !== mine) return
        if ('failure' in found) noticeFailure(found.failure.code)
        setState((before) =>
          'value' in found ? { key, opening, ...found } : { ...(before.key === key && before), key, opening, ...found },
        )
      } while (mine.isStale)
      reading.current = undefined
    }
  }, [key, version, turn])
  const known = state.key === key ? state : undefined
  // nobody could be asked then, and somebody can now: parts without a topic of the feed are read again, too
  const isPast = known?.failure !== undefined && isGone(known.failure.code) && known.opening < openings.value
  useEffect(() => {
    if (isPast) setTurn((before) => before + 1)
  }, [isPast, known?.opening])
  return {
    ...(known?.value !== undefined && { value: known.value }),
    ...(known?.failure && !isPast && { failure: known.failure }),
    reload: () => setTurn((before) => before + 1),
  }
}

/** ms between two readings of what changes without a word of the feed. */
const READ_AGAIN_MS = 2_000

/** Reads again now and then while it is needed and the page is seen. */
export function useReadAgain({ reload }: Pick<Loaded<unknown>, 'reload'>, isNeeded: boolean): void {
  const newest = useRef(reload)
  newest.current = reload
  useEffect(() => {
    if (!isNeeded) return
    const timer = setInterval(() => document.hidden || newest.current(), READ_AGAIN_MS)
    return () => clearInterval(timer)
  }, [isNeeded])
}

/** The code of a failure that the page itself found: it says nothing to a person. */
export const OWN_CODE = 'page'

/** An error as a page shows it. */
export function failureOf(error: unknown): Failure {
  if (!is(error)) return { code: OWN_CODE, message: error instanceof Error ? error.message : String(error) }
  const request = requestOf(error.code, error.message)
  const { hint, place } = error as { readonly hint?: string; readonly place?: { readonly line?: number } }
  const line = place?.line
  return {
    code: error.code,
    message: error.message,
    ...(hint && { hint }),
    ...(request && { request }),
    ...(line !== undefined && { line }),
  }
}

/** The request may have arrived: only the reply is known to be lost. */
const NOW_BACK = {
  message: 'The server did not answer this.',
  hint: 'It answers again now. Look whether this took place, and then try again.',
}

/** The failure of an act. Once somebody answers again, one that says that nobody did tells what to do now. */
export function useFailure(): readonly [Failure | undefined, (failure: Failure | undefined) => void] {
  const [failure, setFailure] = useState<Failure | undefined>()
  useEffect(() => {
    setFailure((known) => (known && isGone(known.code) ? { code: known.code, ...NOW_BACK } : known))
  }, [openings.value])
  const fail = (next: Failure | undefined) => {
    if (next) noticeFailure(next.code)
    setFailure(next)
  }
  return [failure, fail]
}
