import { effect, type Signal, signal } from '@preact/signals'
import { is } from '../../src/client.ts'
import { now } from './format.ts'
import { base, build, client, isSignedOut } from './server.ts'

/** How the page is connected. `lost`: the server is gone; `unowned`: its folder has no process. What is shown stays. */
export const connection = signal<'opening' | 'open' | 'lost' | 'unowned'>('opening')
/** Grows when the server can be asked again. */
export const openings = signal(0)
const GONE: ReadonlySet<string> = new Set(['owner_gone', 'unreachable'])

/** Whether a failure says that nobody could be asked. */
export const isGone = (code: string): boolean => GONE.has(code)

/** Whether a failure says no more than the banner of a lost connection. */
export const isTold = (code: string): boolean => isGone(code) && connection.value !== 'open'

/** Whether the server has newer pages. */
export const isOutdated = signal(false)
setInterval(() => {
  if (!document.hidden) now.value = Date.now()
}, 1000)

const changes = new Map<string, Signal<number>>()

/** A number that grows when the topic has changed. */
export function changeOf(topic: string): Signal<number> {
  const known = changes.get(topic)
  if (known) return known
  const made = signal(0)
  changes.set(topic, made)
  return made
}

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 5000
/** A feed that ends sooner was cut off; one that ends later is asked for again at once. */
const SHORT_MS = 10_000

/** Ends the feed that is read now; absent: no feed is followed. */
let feed: AbortController | undefined
let noticedAt = 0

/** A read says that nobody could be asked: the banner says so at once, and a new feed finds out whether it holds. */
export function noticeFailure(code: string): void {
  if (!isGone(code) || !feed || connection.peek() !== 'open' || Date.now() - noticedAt < SHORT_MS) return
  noticedAt = Date.now()
  connection.value = code === 'owner_gone' ? 'unowned' : 'lost'
  feed.abort()
}

function noticeOpening(): void {
  openings.value++
  connection.value = 'open'
}

/** Follows the lists of the server that the caller may read. A hidden page closes its feed, and catches up when it is shown. */
export async function followFeed(topics: () => string): Promise<void> {
  for (let pause = FIRST_PAUSE_MS; ; ) {
    await untilShown()
    const end = new AbortController()
    feed = end
    const begun = Date.now()
    let isOver = false
    let cut: 'lost' | 'unowned' = 'lost'
    const onHide = () => document.hidden && end.abort()
    document.addEventListener('visibilitychange', onHide)
    try {
      for await (const { topic } of client.feed({ topics: topics() }, { signal: end.signal })) {
        if (connection.peek() !== 'open') {
          void checkBuild()
          noticeOpening()
        }
        pause = FIRST_PAUSE_MS
        changeOf(topic).value++
      }
      isOver = Date.now() - begun > SHORT_MS
    } catch (error) {
      if (is(error) && error.code === 'scope_missing') {
        noticeOpening()
        feed = undefined
        return
      }
      if (is(error) && error.code === 'owner_gone') cut = 'unowned'
    } finally {
      document.removeEventListener('visibilitychange', onHide)
    }
    if (end.signal.aborted) continue
    // behind a login of a program, a feed ends each minute
    if (isOver) {
      await untilSignedIn()
      continue
    }
    connection.value = cut
    await new Promise((resolve) => setTimeout(resolve, pause))
    pause = Math.min(LONGEST_PAUSE_MS, pause * 2)
    await untilSignedIn()
  }
}

/** Resolves when the page is shown. */
export async function untilShown(): Promise<void> {
  if (!document.hidden) return
  await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }))
}

const untilSignedIn = () => untilTrue(() => !isSignedOut.value)

/** Resolves when the server is not known to be gone. */
export const untilConnected = () => untilTrue(() => connection.value === 'opening' || connection.value === 'open')

function untilTrue(holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      if (!holds()) return
      resolve()
      queueMicrotask(() => stop())
    })
  })
}

async function checkBuild(): Promise<void> {
  const response = await fetch(`${base}/ui/build`).catch(() => undefined)
  if (response?.ok) isOutdated.value = (await response.text()) !== build
}
