import { parseInput } from '../../../tool/input.ts'
import type { Asking } from '../../plan/callback.ts'
import type { AskWork, Parameters } from '../../plan/compiled.ts'
import { storeRef } from '../../plan/refs.ts'
import type { Deed, Job } from '../context.ts'
import { askingOf } from '../suspend/await-callback.ts'
import { renderAll } from '../templates/render.ts'
import { findTool } from '../tool-call.ts'

/** The question a step puts to the chain. */
export async function askChain(authored: Parameters, job: Job): Promise<Deed> {
  const { services, pipeline, scope } = job
  const parameters = renderAll(authored, pipeline, scope, ['parameters']) as Parameters
  return prepare('chain', askingOf(services, 'chain'), parameters, parameters, job)
}

/** The question of a tool whose work somebody else does. */
export async function askByTool(work: AskWork, job: Job): Promise<Deed> {
  const { services, pipeline, scope } = job
  const rendered = renderAll(work.parameters, pipeline, scope, ['parameters']) as Parameters
  const parameters = { ...rendered, ...work.opaque }
  const tool = findTool(work, job)
  const input = await parseInput(tool, parameters)
  return prepare(tool.name, askingOf(services, tool.name), input, parameters, job)
}

/** The step itself sends it, for waiting is no effect. */
async function prepare(name: string, asking: Asking, input: unknown, given: Parameters, job: Job): Promise<Deed> {
  const asked = await asking.ask(input, job)
  if ('type' in asked) return { ...asked, parameters: given }
  return { type: 'ask', asking: name, question: asked, parameters: await storeRef(job.services.values, given) }
}
