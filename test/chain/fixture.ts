import { goalAnswerer } from '../../src/agent/answerer/answerer.ts'
import { phaseAnswerer } from '../../src/chain/chain.ts'
import { phaseActor } from '../../src/chain/phases/phase-actor.ts'
import { createLimits } from '../../src/chain/protocol/limits.ts'
import type { ChainServices } from '../../src/chain/protocol/phase.ts'
import type { Clock, Engine, NumberedEvent } from '../../src/engine/engine.ts'
import { type InlineDisk, inlineDisk } from '../../src/engine/inline/disk.ts'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import type { Json } from '../../src/kernel/schema.ts'
import type { Actor } from '../../src/kernel/types.ts'
import { createModels } from '../../src/model/registry.ts'
import { textDocument } from '../../src/source/split.ts'
import { type ScriptedModel, type ScriptedTurn, scriptedModel } from '../../src/testing/scripted-model.ts'
import type { AskRecord, AskReply, ChainEvent } from '../../src/thread/protocol/ask-state.ts'
import { threadActor } from '../../src/thread/thread.ts'
import { poolsOf } from '../worker/pools.ts'

/** The phases that ask a model, by the word their instruction begins with. */
export const STEPS = ['action', 'experience', 'intention', 'observation', 'understanding', 'yield'] as const
export type StepName = (typeof STEPS)[number]
/** A turn of a step. `only`: prompts that it replies to; absent: all. */
type StepTurn = Omit<ScriptedTurn, 'match'> & { readonly only?: (prompt: string) => boolean }
export type ScriptFor = {
  readonly [step in StepName]?: Json | StepTurn | readonly StepTurn[]
}

const REPLIES: { readonly [step in StepName]: Json } = {
  action: 'first answer',
  experience: 'what the files add',
  intention: { explicitIntent: 'to know', confidence: 0.8 },
  observation: { observations: ['noted'] },
  understanding: { loop: false, synthesis: 'draft', confidence: 0.8 },
  yield: 'the answer <vid>v1</vid>',
}

const FILES: { readonly [path: string]: string } = {
  'moon.md': '# Moon\n\nThe moon is made of basalt.\n\nIt has no air.\n',
}

export type Setup = Partial<ChainServices> & {
  readonly script?: ScriptFor
  readonly files?: { readonly [path: string]: string }
  readonly disk?: InlineDisk
  readonly clock?: Clock
  readonly seed?: number
  readonly actors?: readonly Actor[]
  readonly others?: { readonly [id: string]: ScriptedModel }
}

/** Turns of a script: a value is a reply to every call of that step, turns are taken in their order. */
export function scriptFor(script: ScriptFor): ScriptedTurn[] {
  return STEPS.flatMap((step) => {
    const given = script[step] ?? REPLIES[step]
    const turns = Array.isArray(given) ? given : isTurn(given) ? [given] : [{ reply: given as Json }]
    return turns.map((turn) => ({ ...turn, match: withOwn(matchOf(step), turn) }))
  })
}

const withOwn = (match: RegExp, { only }: StepTurn) =>
  only ? (prompt: string) => match.test(prompt) && only(prompt) : match

function isTurn(given: unknown): given is StepTurn {
  return typeof given === 'object' && given !== null && ('reply' in given || 'error' in given || 'gate' in given)
}

const matchOf = (step: StepName) => new RegExp(`^${step[0]!.toUpperCase()}${step.slice(1)}: `, 'm')

/** Which step a prompt is of. */
export function stepOf(prompt: string): StepName {
  return STEPS.find((step) => matchOf(step).test(prompt))!
}

type AskOptions = { readonly thread?: string; readonly id?: string; readonly files?: readonly string[] } & {
  readonly [field: string]: Json | undefined
}

/** Threads with both answerers, and the phases. */
export function chainActors(services: ChainServices): readonly Actor[] {
  const limits = createLimits(services.limits)
  return [threadActor({ phases: phaseAnswerer(services), goals: goalAnswerer(limits) }, limits), phaseActor(services)]
}

/** Chain actors on the inline engine, with a scripted model and files in memory. */
export function setUp({ script = {}, files = FILES, disk = inlineDisk(), others = {}, ...setup }: Setup = {}) {
  const model = scriptedModel(scriptFor(script))
  const own = { 'scripted/model': model, ...others }
  const models = createModels({ model: 'scripted/model', embedder: 'none' }, {}, own)
  const { clock, seed, actors = [], ...services } = setup
  const chain = chainActors({ models, pools: poolsOf({ queue: 100 }), readFile: readFrom(files), ...services })
  const engine = inlineEngine({
    actors: [...chain, ...actors],
    disk,
    ...(clock && { clock }),
    ...(seed !== undefined && { seed }),
  })
  return { engine, disk, model, steps: () => model.calls.map(({ prompt }) => stepOf(prompt)), ...asking(engine) }
}

function readFrom(files: { readonly [path: string]: string }) {
  return async (path: string) => {
    const text = files[path]
    if (text === undefined) throw new Error(`${path}: no such file`)
    return textDocument(path, text)
  }
}

function asking(engine: Engine) {
  return {
    async ask(prompt: string, { thread = 't', id, files = ['moon.md'], ...rest }: AskOptions = {}): Promise<AskReply> {
      const sources = files.map((ref, at) => ({ id: `s${at + 1}`, kind: 'file', ref }))
      const body = { type: 'ask', prompt, sources, ...rest }
      const reply = await engine.ask({ kind: 'chain', key: thread }, body, id === undefined ? {} : { id })
      return reply as unknown as AskReply
    },
    async record(n: number, thread = 't'): Promise<AskRecord> {
      for await (const [name, part] of engine.view.parts({ kind: 'chain', key: thread }))
        if (name === `ask/${n}`) return part as unknown as AskRecord
      throw new Error(`no ask ${n} on ${thread}`)
    },
    /** the durable events up to and with the end of so many asks */
    async events(thread = 't', asks = 1): Promise<(NumberedEvent & { body: ChainEvent })[]> {
      const seen: (NumberedEvent & { body: ChainEvent })[] = []
      let ends = 0
      for await (const event of engine.view.events({ kind: 'chain', key: thread })) {
        seen.push(event as NumberedEvent & { body: ChainEvent })
        if ((event.body as ChainEvent).type === 'ask-end' && ++ends === asks) break
      }
      return seen
    },
  }
}

/** Events in short: type and what tells it apart. */
export function brief(events: readonly { readonly body: ChainEvent }[]): string[] {
  return events.map(({ body }) => {
    if (body.type === 'phase-start') return `start ${body.phase} ${body.cycle}`
    if (body.type === 'phase-end') return `${body.status} ${body.phase} ${body.cycle}`
    if (body.type === 'decision') return `${body.decision}${body.target ? ` ${body.target}` : ''}: ${body.reason}`
    return body.type === 'ask-end' ? `ask-end ${body.status}` : body.type
  })
}

/** An outcome that a disk has kept: the id of the message, and the name of the effect. */
export type KeptOutcome = { readonly message: string; readonly effect: string | undefined }

/** A disk that calls back after each commit, and with each outcome of an effect that it keeps. */
export function watched(changed: (outcome?: KeptOutcome) => void): InlineDisk {
  const disk = inlineDisk()
  const set = disk.outcomes.set.bind(disk.outcomes)
  disk.outcomes.set = (message, outcomes) => {
    set(message, outcomes)
    changed({ message, effect: [...outcomes.keys()].at(-1) })
    return disk.outcomes
  }
  return {
    ...disk,
    commit(...given) {
      const committed = disk.commit(...given)
      changed()
      return committed
    },
  }
}
