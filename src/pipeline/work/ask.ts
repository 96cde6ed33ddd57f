import { askingOf } from '../ask.ts'
import type { Parameters } from '../compiled.ts'
import type { Deed, Job } from './job.ts'
import { renderAll } from './render.ts'

/** The question a step puts to somebody else; the step itself sends it, for waiting is no effect. */
export async function prepareQuestion(asking: string, authored: Parameters, job: Job): Promise<Deed> {
  const { services, pipeline, scope } = job
  const parameters = renderAll(authored, pipeline, scope, ['parameters']) as Parameters
  const question = await askingOf(services, asking).ask(parameters, job)
  return { type: 'ask', asking, question, parameters }
}
