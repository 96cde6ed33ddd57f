import { callDescriber } from '../../calls/room/describe-call.ts'
import type { EngineView } from '../../engine/engine.ts'
import type { Inspected, InspectedMail } from '../../engine/inspect.ts'
import { KIND, stepRef } from '../../house/actors.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import { type ActorRef, nameOf } from '../../kernel/ref.ts'
import { stepDescriber } from '../../pipeline/report/describe-step.ts'
import { findRunStart } from '../../run/run.ts'
import { stepOfEffect } from '../../step/batch/effect-names.ts'
import { progressPart, type StepProgress } from '../../step/messages/progress.ts'
import type { ValueStore } from '../../step/values.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import type { Attempt } from '../ports/inspector.ts'

type Described = Pick<Attempt, 'attempts' | 'does' | 'unbounded' | 'progress' | 'log'>

type Parts = { readonly view: EngineView; readonly values: ValueStore; readonly toolbox: Pick<Toolbox, 'find'> }

/** Describes effects: the class of steps and phases, maximum attempts, and how to bound a call without a timeout. */
export function describeEffects({ view, values, toolbox }: Parts) {
  const inPipeline = stepDescriber({ view, values, toolbox })
  const inCalls = callDescriber((actor, page) => view.parts(actor, page), toolbox)

  async function ofStep(step: string, run: Inspected['of']): Promise<Described> {
    const described = (await inPipeline(run.key, step)) ?? (await inCalls(run.key, step))
    if (!described) return {}
    const { id, isUnbounded, ...about } = described
    return isUnbounded ? { ...about, unbounded: await timeoutFor(id, run) } : about
  }

  /** How far a step says that it is. */
  async function wordsOf(step: string, run: Inspected['of']): Promise<Pick<Attempt, 'progress' | 'log'>> {
    const part = await readSinglePart((actor, page) => view.parts(actor, page), run, progressPart(step))
    const { progress, log = [] } = (part ?? {}) as Partial<StepProgress>
    const last = log.at(-1)
    return { ...(progress !== undefined && { progress }), ...(last && { log: `${last.level}: ${last.text}` }) }
  }

  /** The setting that gives a call a timeout. */
  async function timeoutFor(step: string, run: Inspected['of']): Promise<string> {
    const goal = (await findRunStart(run.key, (actor, page) => view.parts(actor, page)))?.goal
    return goal === undefined ? `\`timeout: 600\` in the step ${step}` : '`timeout: 10m` in the file of the agent'
  }

  return async ({ of }: Inspected, { from, effect }: InspectedMail): Promise<Described> => {
    const run = of.kind === KIND.run ? of : from
    const step = effect && run?.kind === KIND.run ? stepDoneBy(run, of, effect.name) : undefined
    if (step !== undefined) return { ...(await ofStep(step, run!)), ...(await wordsOf(step, run!)) }
    if (of.kind === KIND.phase && effect?.name.startsWith('model')) return { does: 'the model' }
    if (of.kind === KIND.phase && effect?.name === 'read') return { does: 'reading the files' }
    return {}
  }
}

/** The step that an effect works for: that of the turn, or one of the same batch, whose name precedes the effect. */
function stepDoneBy(run: ActorRef, of: ActorRef, effect: string): string | undefined {
  const name = of.kind === KIND.run ? effect : `${nameOf(of)} ${effect}`
  const begin = nameOf(stepRef(run.key, ''))
  const end = name.lastIndexOf(' ')
  return name.startsWith(begin) ? stepOfEffect(name.slice(begin.length, end), name.slice(end + 1)) : undefined
}
