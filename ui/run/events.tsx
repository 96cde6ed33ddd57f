import { type Signal, signal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { is } from '../../src/client.ts'
import { follow } from '../lib/follow.ts'
import { changeOf } from '../lib/live.ts'
import { client } from '../lib/server.ts'
import { UNWRITTEN, type Written, writtenOn } from '../lib/written.ts'
import { Empty } from '../parts/basics.tsx'

type ListedEvent = { readonly n: number; readonly body: { readonly type: string; readonly [field: string]: unknown } }

/** The events of a run: those that last, and the texts that models write now, by step. */
type RunEvents = {
  readonly durable: Signal<readonly ListedEvent[]>
  readonly texts: Signal<ReadonlyMap<string, Written>>
}

const MAX_EVENTS = 20_000

/** Follows a run while its page is shown, once asked for. After a lost connection it goes on after the last event. */
export function useRunEvents(run: string, isAsked: boolean): RunEvents {
  const events = useMemo<RunEvents>(() => ({ durable: signal([]), texts: signal(new Map()) }), [run])
  const followed = useRef('')
  if (isAsked) followed.current = run
  const isFollowed = followed.current === run
  useEffect(() => {
    if (!isFollowed) return
    const end = new AbortController()
    void followRun(run, events, end.signal)
    return () => end.abort()
  }, [run, isFollowed, events])
  return events
}

function followRun(run: string, { durable, texts }: RunEvents, end: AbortSignal): Promise<void> {
  let waiting: ListedEvent[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  // many events come at once: a page that draws each of them stands still
  const flush = () => {
    timer = undefined
    durable.value = [...durable.value, ...waiting].slice(-MAX_EVENTS)
    waiting = []
    changeOf(`run/${run}`).value++
  }
  let seen = 0
  return follow(
    {
      open: (signal) => client.runs.events(run, { after: seen, signal }),
      take({ n, body }) {
        if (n === undefined) return writeText(texts, body as Delta)
        seen = n
        waiting.push({ n, body } as ListedEvent)
        timer ??= setTimeout(flush, 200)
        if (body.type !== 'run-end') return
        clearTimeout(timer)
        flush()
        return 'over'
      },
      onGap() {
        // the texts may have grown meanwhile, or begun again in another process
        texts.value = new Map()
      },
      isRefused: (error) => is(error) && ['not_found', 'scope_missing'].includes(error.code),
    },
    end,
  )
}

type Delta = { readonly type: string; readonly step?: string; readonly text?: string; readonly at?: number }

function writeText(texts: RunEvents['texts'], { type, step, text = '', at = 0 }: Delta): void {
  if (step === undefined || (type !== 'text-delta' && type !== 'text-restart')) return
  const written = type === 'text-restart' ? UNWRITTEN : writtenOn(texts.value.get(step) ?? UNWRITTEN, text, at)
  texts.value = new Map(texts.value).set(step, written)
}

/** The durable events of a run, one a line. */
export function Events({ events }: { readonly events: readonly ListedEvent[] }) {
  if (events.length === 0) return <Empty title="No event yet." />
  return (
    <ol class="events">
      {events.slice(-1000).map(({ n, body: { type, step, ...more } }) => (
        <li key={n}>
          <span class="num quiet">{n}</span> <b>{type}</b> {step !== undefined && <code>{String(step)}</code>}{' '}
          <span class="quiet">{summaryOf(more)}</span>
        </li>
      ))}
    </ol>
  )
}

function summaryOf(fields: { readonly [field: string]: unknown }): string {
  const shown = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`],
  )
  return shown.join(' · ').slice(0, 300)
}
