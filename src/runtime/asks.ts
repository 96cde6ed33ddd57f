import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import type { AskReply, ChainState } from '../chain/ask.ts'
import type { Engine, Numbered } from '../engine/engine.ts'
import type { Answer, Runtime } from '../runtime.ts'
import type { Activity } from './activity.ts'

type Parts = { readonly engine: Engine; readonly activity: Activity }
type Asks = Pick<Runtime, 'ask' | 'askEvents'>
type From = NonNullable<Parameters<Asks['askEvents']>[2]>

/** What a runtime does with questions. */
export function runtimeAsks({ engine, activity }: Parts): Asks {
  async function* askEvents(thread: string, id: string, { after = 0, signal }: From = {}): AsyncGenerator<Numbered> {
    for await (const event of engine.view.events(chainRef(thread), { after, ...(signal && { signal }) })) {
      if (event.correlationId !== id) continue
      yield event
      if ((event.body as { type: string }).type === 'ask-end') return
    }
  }

  async function untilOver(thread: string, id: string): Promise<void> {
    for await (const _ of askEvents(thread, id)) {
      // only the end is waited for
    }
  }

  // a thread answers in order: what an earlier process left of it comes first, or nothing would ever come
  async function takeUpEarlier(thread: string, id: string): Promise<void> {
    const state = (await engine.view.peek(chainRef(thread))) as ChainState | undefined
    const earlier = [
      ...(state?.current ? [state.current.id] : []),
      ...(state?.queue ?? []).map((waiting) => waiting.id),
    ]
    const active = new Set([id, ...activity.ids()])
    for (const left of earlier.filter((other) => !active.has(other))) {
      activity.track(left, untilOver(thread, left))
      await engine.start({ only: left })
    }
  }

  return {
    async ask({ prompt, thread, files = [], id = `ask_${randomUUID()}` }, { signal } = {}): Promise<Answer> {
      await takeUpEarlier(thread, id)
      const sources = files.map((path, index) => ({ id: `f${index + 1}`, kind: 'file', ref: resolve(path) }))
      const body = { type: 'ask', prompt, sources }
      // the work goes on when this asker leaves, so it is tracked by an asker of its own
      const answered = engine.ask(chainRef(thread), body, { id, correlationId: id })
      activity.track(id, answered)
      const reply = await (signal ? engine.ask(chainRef(thread), body, { id, correlationId: id, signal }) : answered)
      const { status, answer, citations, degraded, model } = reply as unknown as AskReply
      return { id, thread, status, answer, citations, degraded, model }
    },
    askEvents,
  }
}

export const isAsk = (id: string) => id.startsWith('ask_')

/** Takes up what an earlier process left of an ask. */
export async function resumeAsk(engine: Engine, id: string): Promise<void> {
  await engine.start({ only: id })
}

const chainRef = (thread: string) => ({ kind: 'chain', key: thread })
