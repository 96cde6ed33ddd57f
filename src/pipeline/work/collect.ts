import type { Json } from '../../kernel/schema.ts'
import { type Loop, stepOf } from '../compiled.ts'
import { parseInstance, partName } from '../instance.ts'
import type { StepRead } from '../messages.ts'
import { justBefore } from '../values.ts'
import type { StepValue } from '../view.ts'
import type { Deed, Job } from './job.ts'
import { runRef, valueOfStep } from './reads.ts'

type Row = { [child: string]: Json }

/** Gathers what the iterations of a loop came to, in the order of its list, from the run's parts. */
export async function collectLoop(loop: Loop, job: Job): Promise<Deed> {
  const { instance, start } = job
  const rows: Row[] = Array.from({ length: start.list?.length ?? 0 }, () => ({}))
  let failures = 0
  for await (const { index, child, value } of bodyValues(job)) {
    const row = rows[index]
    if (row) row[child] = value as Json
    if (value.status === 'failed') failures++
  }
  const iterations = rows.length
  const order = loop.body.map((node) => stepOf(job.pipeline, node).id)
  const results = rows.map((row) =>
    Object.fromEntries(order.flatMap((child) => (row[child] ? [[child, row[child]]] : []))),
  )
  return {
    type: 'result',
    result: { iterations, results, completed: true, success: failures === 0, loop_id: instance.node },
    text: `Completed ${iterations} iterations`,
  }
}

type BodyValue = { readonly index: number; readonly child: string; readonly value: StepValue }

async function* bodyValues({ services, pipeline, instance, start }: Job): AsyncGenerator<BodyValue> {
  const prefix = partName(`${instance.node}_`)
  for await (const [name, part] of services.readParts(runRef(start.run.id), { prefix, after: justBefore(prefix) })) {
    const body = parseInstance(pipeline, name.slice(partName('').length))
    const step = body && stepOf(pipeline, body.node)
    if (body?.index === undefined || step?.loop !== instance.node) continue
    yield { index: body.index, child: step.id, value: await valueOfStep(part as Json as StepRead, services.values) }
  }
}
