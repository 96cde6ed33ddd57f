import type { Clock, Engine } from '../../engine/engine.ts'
import { MEMORY_WORK, memoryRef } from '../actor/memory-actor.ts'
import type { MemoryStore } from '../store/open-store.ts'

export interface Waker {
  /** Wakes an actor after a write at `at` (ms since the epoch). The write does not wait for it. */
  wake(owner: string, at: number): void
  /** Wakes the actor of this owner no more for writes until now. */
  forget(owner: string): void
  /** Resumes what an earlier process left, once: timers, and writes after which it woke nobody. */
  resume(): Promise<void>
  close(): void
}

/** ms between two messages to one actor, however often its memory is written. */
const PAUSE_MS = 1_000

export function createWaker(engine: Engine, clock: Clock, store: MemoryStore): Waker {
  /** owners who were woken a moment ago; true: and were written since */
  const recent = new Map<string, boolean>()
  const timers = new Set<() => void>()
  let resumed: Promise<void> | undefined

  const tell = (owner: string, at: number) =>
    engine.tell(memoryRef(owner), { type: 'wake', at }, { correlationId: MEMORY_WORK })

  function wake(owner: string, at: number): void {
    if (recent.has(owner)) {
      recent.set(owner, true)
      return
    }
    recent.set(owner, false)
    const off = clock.after(PAUSE_MS, () => {
      const isWritten = recent.get(owner)
      recent.delete(owner)
      timers.delete(off)
      if (isWritten) wake(owner, clock.now())
    })
    timers.add(off)
    // the write is on disk: if this message is lost, the next process resumes it
    tell(owner, at).catch(() => {})
  }

  async function takeUp(): Promise<void> {
    await engine.start({ only: MEMORY_WORK })
    const owners = (await store.look({ name: 'owners', now: clock.now() })) as
      | readonly { readonly name: string; readonly written: number }[]
      | undefined
    if (!owners) return
    const actors = await engine.view.list('memory')
    const woken = new Map(actors.map(({ key, index }) => [key, Number(index.woken)]))
    for (const { name, written } of owners) if (written > (woken.get(name) ?? 0)) await tell(name, written)
  }

  return {
    wake,
    forget: (owner) => void recent.delete(owner),
    resume() {
      resumed ??= takeUp().catch((error) => {
        resumed = undefined
        throw error
      })
      return resumed
    },
    close() {
      for (const off of timers) off()
    },
  }
}
