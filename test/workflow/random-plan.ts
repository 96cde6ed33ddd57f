import { appendFileSync } from 'node:fs'
import { z } from 'zod'
import type { WorkflowContext } from '../../src/workflow/definition/context.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'

/** A small generator of random numbers, the same for each seed. */
export function randomOf(seed: number): () => number {
  let state = seed * 2654435761 + 1
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) | 0
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32
  }
}

type Wrong = (ctx: WorkflowContext) => unknown

const HUGE = 70 * 1024 * 1024

/** Operations that are wrong: each throws where it is called. */
export const WRONG: { readonly [name: string]: Wrong } = {
  'an invalid date': (ctx) => ctx.sleepUntil(new Date('soon')),
  'a month 13': (ctx) => ctx.sleepUntil('2026-13-01' as never),
  'no date': (ctx) => ctx.sleepUntil(undefined as never),
  'an endless sleep': (ctx) => ctx.sleepUntil(Number.POSITIVE_INFINITY),
  'a sleep of a word': (ctx) => ctx.sleep('soon' as never),
  'a sleep of NaN': (ctx) => ctx.sleep(Number.NaN),
  'a name with blanks': (ctx) => ctx.step('two words', () => 1),
  'a step without a function': (ctx) => ctx.step('empty', 7 as never),
  'an unknown effect': (ctx) => ctx.step('odd', () => 1, { effect: 'twice' as never }),
  'too many attempts': (ctx) => ctx.step('odd', () => 1, { retry: 1e9 }),
  'an endless factor': (ctx) => ctx.step('odd', () => 1, { retry: { attempts: 2, factor: Number.NaN } }),
  'a time limit of a word': (ctx) => ctx.step('odd', () => 1, { timeout: 'soon' as never }),
  'an undo that is a text': (ctx) => ctx.step('odd', () => 1, { undo: 'refund' as never }),
  'a resource that is a number': (ctx) => ctx.step('odd', () => 1, { resource: 5 as never }),
  'a signal without a name': (ctx) => ctx.signal(undefined as never),
  'a wait of a word': (ctx) => ctx.approve('ask', { timeout: 'soon' as never }),
  'a call of nothing': (ctx) => ctx.call(undefined as never, {} as never),
  'a call of an odd actor': (ctx) => ctx.call({ kind: 'Not A Kind', key: 'x' } as never, 1),
  'a call of a key with a line': (ctx) => ctx.call({ kind: 'counter', key: 'a\nb' } as never, 1),
  'a call with a function': (ctx) => ctx.call({ pipeline: 'a.yaml' }, { f: (() => 1) as never }),
  'a call with a huge input': (ctx) => ctx.call({ pipeline: 'a.yaml' }, { text: 'x'.repeat(HUGE) }),
  'a start of nothing': (ctx) => ctx.start(undefined as never, {} as never),
  'a prompt that is a number': (ctx) => ctx.generate('ask', { prompt: 5 as never }),
  'a loop over a function': (ctx) => ctx.loop((() => 1) as never, async () => ({ done: 1 })),
  'a map with no places': (ctx) => ctx.map([1], async () => 1, { concurrency: 0 }),
  'a mark without a name': (ctx) => ctx.patched('' as never),
  'an event that is too large': (ctx) => ctx.event('big', 'x'.repeat(20_000)),
  'one sleep too many': (ctx) => Promise.all(Array.from({ length: 1001 }, () => ctx.sleep(5))),
  'too many at once': (ctx) =>
    Promise.all(Array.from({ length: 9000 }, (_, n) => ctx.sleep(n < 900 ? 5 : ('soon'.repeat(n) as never)))),
}

/** These cost seconds each: a plan has them seldom. */
const DEAR: readonly string[] = ['a call with a huge input', 'one sleep too many', 'too many at once']

type Item =
  | { readonly type: 'step' | 'both' | 'sleep' }
  | { readonly type: 'wrong'; readonly what: string; readonly isCaught: boolean }

/** What the run of a seed does, one after another. */
function planOf(seed: number): readonly Item[] {
  const random = randomOf(seed)
  const names = Object.keys(WRONG).filter((name) => !DEAR.includes(name) || random() < 0.02)
  return Array.from({ length: 1 + Math.floor(random() * 6) }, (): Item => {
    const pick = random()
    if (pick < 0.4) return { type: 'step' }
    if (pick < 0.5) return { type: 'both' }
    if (pick < 0.55) return { type: 'sleep' }
    return { type: 'wrong', what: names[Math.floor(random() * names.length)]!, isCaught: random() < 0.5 }
  })
}

/** A workflow that carries out the plan of a seed. Each act outside is a line of `log`. */
export const randomFlow = (log: string) =>
  defineWorkflow({
    name: 'random',
    input: z.object({ seed: z.number() }),
    onFailure: 'undo',
    async run(ctx, { seed }) {
      const note = (line: string) => appendFileSync(log, `${seed} ${line}\n`)
      const step = async (n: string) => {
        await ctx.step(`s${n}`, () => note(`made ${n}`), { undo: () => note(`undone ${n}`) })
        note(`seen ${n}`)
      }
      for (const [n, item] of planOf(seed).entries()) {
        if (item.type === 'step') await step(`${n}`)
        if (item.type === 'both') await Promise.all([step(`${n}a`), step(`${n}b`)])
        if (item.type === 'sleep') await ctx.sleep(1)
        if (item.type !== 'wrong') continue
        try {
          await WRONG[item.what]!(ctx)
          note(`missed ${item.what}`)
        } catch (error) {
          if (!item.isCaught) throw error
        }
      }
      return 'done'
    },
  })

/** The steps of a plan that are made, in their order, and whether the run fails then. */
export function expectedOf(seed: number): { readonly made: readonly string[]; readonly fails: boolean } {
  const made: string[] = []
  for (const [n, item] of planOf(seed).entries()) {
    if (item.type === 'wrong' && !item.isCaught) return { made, fails: true }
    if (item.type === 'step') made.push(`${n}`)
    if (item.type === 'both') made.push(`${n}a`, `${n}b`)
  }
  return { made, fails: false }
}
