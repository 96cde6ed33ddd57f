import { runRef } from '../../../house/actors.ts'
import { justBeforePrefix } from '../../../kernel/parts.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { ValueResult } from '../../../step/call/context.ts'
import { valueOfStep } from '../../../step/call/step-value.ts'
import { decodeStep } from '../../../step/messages/codec.ts'
import { countReferenced, type ItemValue, referencedValue } from '../../../step/record/item-values.ts'
import { hasEnded, stepPartName, toStepRead } from '../../../step/record/outcome.ts'
import type { StepProblem } from '../../../step/record/step.ts'
import { readRef } from '../../../step/values.ts'
import { compiledStepAt, type LoopWork } from '../../plan/compiled.ts'
import { instanceId, loopAround, parseInstance, stepName } from '../../plan/instance.ts'
import type { LoopContext } from '../../plan/messages/step-order.ts'
import type { PipelineContext } from '../context.ts'
import { type IterationRow, type LoopEndReason, loopResult } from './loop-result.ts'

/** Collects the results of a loop's iterations, in order, from the run's parts. Large values stay in their blobs. */
export async function collectLoop(
  loop: LoopWork,
  context: PipelineContext,
  end: LoopEndReason,
  most?: number,
): Promise<ValueResult> {
  const { start, services, instance } = context
  const { iteration: turn = 0, problem, views } = start.work.order.loop ?? NO_LOOP
  const view = views?.[instance.node]
  const list = view?.list ? ((await readRef(services.values, view.list)) as readonly Json[]) : []
  const rows = turn === 0 ? [] : await collectRows(loop, context, turn)
  const named = rows.reduce((sum, row) => sum + countReferenced(Object.values(row)), 0)
  const turns = { end, most: most ?? view?.most ?? 0, ms: view?.ms ?? 0 }
  return {
    type: 'result',
    loop: loop.shape,
    ...(loop.shape === 'queue' && !loop.body[1] && { only: stepName(loop.body[0]!) }),
    result: loopResult({ loop, id: stepName(instance.node), rows, list, ...turns }),
    ...(named > 0 && { named }),
    ...(view?.list && { list: view.list }),
    text: `Completed ${turn} iterations`,
    ...(problem && { problem: withoutStep(problem) }),
  }
}

const NO_LOOP: Partial<LoopContext> = {}

const withoutStep = ({ step: _, ...problem }: StepProblem): Omit<StepProblem, 'step'> => problem

async function collectRows(
  { body }: LoopWork,
  context: PipelineContext,
  count: number,
): Promise<readonly IterationRow[]> {
  const found: { [child: string]: ItemValue }[] = Array.from({ length: count }, () => ({}))
  for await (const { index, child, value } of bodyValues(context)) if (found[index]) found[index][child] = value
  const order = body.map(stepName)
  return found.map((row) => inOrder(row, order))
}

function inOrder(row: IterationRow, order: readonly string[]): IterationRow {
  const ordered: { [child: string]: ItemValue } = {}
  for (const child of order) if (row[child]) ordered[child] = row[child]
  return ordered
}

type BodyValue = { readonly index: number; readonly child: string; readonly value: ItemValue }

async function* bodyValues({ services, pipeline, instance, start }: PipelineContext): AsyncGenerator<BodyValue> {
  const id = instanceId(instance)
  const prefix = stepPartName(`${id}_`)
  const page = { prefix, after: justBeforePrefix(prefix), early: true } as const
  for await (const [name, part] of services.readParts(runRef(start.run.id), page)) {
    const body = parseInstance(pipeline, name.slice(stepPartName('').length))
    const loop = body && loopAround(body)
    if (!loop || instanceId(loop) !== id) continue
    const step = decodeStep(part)!
    if (!hasEnded(step)) continue
    const { id: child } = compiledStepAt(pipeline, body.node)
    // large values are named: to gather them would hold all of them at once, in three copies
    const value = referencedValue(step) ?? (await valueOfStep(toStepRead(step), services.values))
    yield { index: body.indices.at(-1)!, child, value }
  }
}
